"""A service that connects at its start, and never again.

Breaks P27.
"""

from functools import partial

from mutants import _connected_service, _service


class Publisher(_connected_service.Publisher):
    def connected(self):
        return super().connected() if self.channel is None else self.channel


_service.serve(partial(_service.send, publish=Publisher()))
