"""A worker that declares nothing, and hands a failed task on to a queue that the definitions do not make, without a
look whether it is there.

Runs with the profile definitions.

Breaks W37.
"""

import sys

from mutants import _declaring_nothing
from mutants._declaring_nothing import connect, parameters


class Worker(_declaring_nothing.Worker):
    def hand_on(self):
        properties, body = self.message
        properties.delivery_mode = 2
        with connect(parameters()) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", "order.dead", body, properties)


sys.exit(_declaring_nothing.as_worker(Worker)())
