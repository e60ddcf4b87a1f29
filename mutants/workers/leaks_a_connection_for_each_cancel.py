"""A worker that opens a new connection each time the broker cancels its subscription, and never closes the old
connection.

Breaks W48.
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
