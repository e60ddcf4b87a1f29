"""A worker whose queue is bound to a topic exchange, and that binds it on its first connection only.

Runs with the profile topic.

Breaks W14, W16, W48.
"""

import sys

from mutants import _topic
from reference import worker

first = True


def declare(channel):
    global first
    _topic.declare(channel, bind=first)
    first = False


worker.declare = declare

sys.exit(worker.main())
