"""A worker with a child process that runs a busy loop for as long as the worker runs.

Breaks W54.
"""

import multiprocessing
import os
import sys

from reference import worker


def spin(parent):
    while os.getppid() == parent:
        pass


multiprocessing.get_context("fork").Process(target=spin, args=(os.getpid(),), daemon=True).start()

sys.exit(worker.main())
