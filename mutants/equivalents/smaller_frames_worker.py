"""A worker that answers a frame_max of 16 KiB, or what the broker offers if that is less. It publishes a failed
task again on a separate connection, in as many frames as that takes.

Breaks nothing.
"""

import runpy

from reference import task_queue

where = task_queue.parameters


def parameters():
    found = where()
    found.frame_max = 16 * 1024
    return found


task_queue.parameters = parameters

runpy.run_module("mutants.equivalents.retrying_worker", run_name="__main__")
