"""A producer that sends its task to a queue that was declared with other properties, though its declaration is
refused.

Breaks P08.
"""

import sys

from pika.exceptions import ChannelClosedByBroker

from reference import new_task

connect = new_task.connect


def lie(params):
    connection = connect(params)
    try:
        new_task.declare(connection.channel())
    except ChannelClosedByBroker as refusal:
        if refusal.reply_code == 406:
            new_task.declare = lambda channel: None
    return connect(params)


new_task.connect = lie

sys.exit(new_task.main(sys.argv[1:]))
