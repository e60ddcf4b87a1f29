"""A producer that sends its task in a transaction instead of asking for a confirm.

Breaks nothing.
"""

import sys

import pika

from reference import new_task
from reference.task_queue import TASK_QUEUE, connect, declare, parameters


def publish(body, message_id):
    params = parameters()
    params.blocked_connection_timeout = new_task.PATIENCE / 2
    with connect(params) as connection:
        channel = connection.channel()
        declare(channel)
        returned = []
        channel.add_on_return_callback(lambda channel, method, properties, body: returned.append(method))
        channel.tx_select()
        properties = pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent, message_id=message_id)
        channel.basic_publish("", TASK_QUEUE, body, properties, mandatory=True)
        channel.tx_commit()
        connection.process_data_events()
        if returned:
            raise SystemExit(f"not sent: {returned[0].reply_code} {returned[0].reply_text}")


new_task.publish = publish
sys.exit(new_task.main(sys.argv[1:]))
