"""A service whose requests publish on one channel at the same time, each in a thread of its own.

Breaks P28.
"""

import contextlib
from functools import partial

from pika.exceptions import AMQPError

from mutants import _connected_service, _service


class Publisher(_connected_service.Publisher):
    def stay_connected(self):
        # Once: a request that is alone has the channel to itself.
        with self.turn, contextlib.suppress(AMQPError, OSError):
            self.connected()

    def __call__(self, body, message_id):
        with self.turn:
            channel = self.connected()
        self.publish(channel, **_connected_service.message(body, message_id))


_service.serve(partial(_service.send, publish=Publisher()))
