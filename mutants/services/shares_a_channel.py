"""A service whose requests publish on one channel at the same time, each in a thread of its own.

Breaks P28.
"""

from functools import partial

from mutants import _connected_service, _service


class Publisher(_connected_service.Publisher):
    def __call__(self, body, message_id):
        with self.turn:
            channel = self.connected()
        self.publish(channel, body, message_id)


_service.serve(partial(_service.send, publish=Publisher()))
