"""A worker that closes the connection on which its subscription was cancelled only when it has another.

Breaks nothing.
"""

import sys
from contextlib import contextmanager, suppress

from pika.exceptions import AMQPError

from reference import worker

connect, old = worker.connect, []


@contextmanager
def keep(where):
    connection = connect(where)
    while old:
        with suppress(AMQPError):
            old.pop().close()
    try:
        yield connection
    finally:
        old.append(connection)


worker.connect = keep

sys.exit(worker.main())
