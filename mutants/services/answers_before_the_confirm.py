"""A service that answers at once, and publishes the task afterwards, with a confirm that nobody hears of.

Breaks P02.
"""

import threading

from mutants import _service


def send(body):
    threading.Thread(target=_service.send, args=(body,)).start()


_service.serve(send)
