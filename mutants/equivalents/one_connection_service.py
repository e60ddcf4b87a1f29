"""A service that connects at its start, keeps one connection and one channel, and publishes one task at a time.

Breaks nothing.
"""

from functools import partial

from mutants import _connected_service, _service

_service.serve(partial(_service.send, publish=_connected_service.Publisher()))
