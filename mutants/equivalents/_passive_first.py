"""How a program declares a queue that may be there, and that it then takes as it is."""

from pika.exceptions import ChannelClosedByBroker

from reference import task_queue

NOT_FOUND = 404


def declare(channel):
    """Looks for the queue on a channel of its own, since a channel does not survive a queue that is not there."""
    looking = channel.connection.channel()
    try:
        looking.queue_declare(task_queue.TASK_QUEUE, passive=True)
        looking.close()
    except ChannelClosedByBroker as refusal:
        if refusal.reply_code != NOT_FOUND:
            raise
        task_queue.declare(channel)
