"""A worker that closes the connection of a cancelled subscription only when it has opened another connection.

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
