"""For workers that have each task done by a child: the reference worker, but for the process that works."""

import os
import signal

from reference import worker

_work = worker.work


class Killed(RuntimeError):
    """The child that had the task was killed."""


def work(text):
    """Does the task in a child. Raises Killed if the child is killed, and RuntimeError if the task fails."""
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # they are for its parent
        status = 1
        try:
            _work(text)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise Killed(f"the child was killed at {text!r}")
    if status:
        raise RuntimeError(f"the task {text!r} failed")
