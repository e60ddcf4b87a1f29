"""A worker that declares its queue on its first connection only.

Breaks W16, W14.
"""

import sys

from reference import worker

declare = worker.declare


def declare_once(channel):
    worker.declare = lambda channel: None
    declare(channel)


worker.declare = declare_once

sys.exit(worker.main())
