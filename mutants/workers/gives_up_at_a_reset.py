"""A worker that waits for a broker that refuses connections, but gives up if a connection is accepted and then
reset.

Breaks W15, W24.
"""

import sys

from reference import worker

connect = worker.connect


def connect_or_leave(params):
    try:
        return connect(params)
    except Exception as error:
        if "ConnectionRefusedError" not in repr(error):
            sys.exit(repr(error))
        raise


worker.connect = connect_or_leave

sys.exit(worker.main())
