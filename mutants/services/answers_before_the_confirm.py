"""A service that answers as soon as it has written the task, and takes no notice of the confirm.

Breaks P02, P03, P04, P05, P06, P11, P13, P15, P28.
"""

from functools import partial

from mutants import _connected_service, _service


class Publisher(_connected_service.ForgetfulPublisher):
    confirms = False

    def connected(self):
        before, channel = self.channel, super().connected()
        if channel is not before:
            channel._impl.confirm_delivery(lambda _: None)
        return channel


_service.serve(partial(_service.send, publish=Publisher()))
