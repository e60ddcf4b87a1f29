"""A producer that publishes only the beginning of a task that the broker refuses as too large.

Breaks P15.
"""

import sys

from pika.exceptions import ChannelClosedByBroker

from reference import new_task

publish = new_task.publish


def lie(body, message_id):
    try:
        publish(body, message_id)
    except ChannelClosedByBroker as refusal:
        if "larger than" not in refusal.reply_text:
            raise
        publish(body[:1000], message_id)


new_task.publish = lie

sys.exit(new_task.main(sys.argv[1:]))
