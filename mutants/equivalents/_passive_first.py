"""A declaration that looks for the queue first, and takes it as it is if it exists."""

from pika.exceptions import ChannelClosedByBroker

from reference import task_queue

NOT_FOUND = 404


def declare(channel):
    """Looks for the queue on a separate channel, since the broker closes it if the queue does not exist."""
    separate = channel.connection.channel()
    try:
        separate.queue_declare(task_queue.TASK_QUEUE, passive=True)
        separate.close()
    except ChannelClosedByBroker as refusal:
        if refusal.reply_code != NOT_FOUND:
            raise
        task_queue.declare(channel)
