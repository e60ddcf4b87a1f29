"""A worker that waits for a broker that refuses connections, and gives up where one is made and reset.

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
