"""A worker that opens a connection whenever the broker has cancelled its subscription, and never closes the old
one.

Breaks W53.
"""

import sys
from contextlib import nullcontext

from reference import worker

connect, connections = worker.connect, []


def keep(where):
    connections.append(connect(where))
    return nullcontext(connections[-1])


worker.connect = keep

sys.exit(worker.main())
