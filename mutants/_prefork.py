"""The work of workers that have each task done by a child process."""

import os

from reference import worker

_work = worker.work


class Killed(RuntimeError):
    """The child that worked on the task was killed."""


def work(text):
    """Does the task in a child. Raises Killed if the child is killed, and RuntimeError if the task fails."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)  # signals to the group are for the parent alone
        os.closerange(3, 1024)  # the connection is the parent's
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
