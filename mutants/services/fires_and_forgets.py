"""A service that asks the broker for no confirm, and answers as soon as it has written the task.

Breaks P02, P03, P04, P05, P06, P11, P13, P15.
"""

from functools import partial

from mutants import _connected_service, _service

publisher = _connected_service.ForgetfulPublisher
publisher.confirms = False

_service.serve(partial(_service.send, publish=publisher()))
