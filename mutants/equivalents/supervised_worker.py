"""A worker under a supervisor that forks: the worker is a child in its own process group. The supervisor passes its
signals on to the child, and the child ends when the supervisor is gone.

Breaks nothing.
"""

import os
import signal
import sys
import threading

from reference import worker


def end_with(pipe):
    os.read(pipe, 1)  # returns when the other end is closed, which only the supervisor holds
    os._exit(1)


watched, held = os.pipe()
signals = {signal.SIGINT, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # until both processes are ready
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.close(held)
    threading.Thread(target=end_with, args=[watched], daemon=True).start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    sys.exit(worker.main())
for number in signals:
    signal.signal(number, lambda number, frame: os.kill(child, number))
signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
