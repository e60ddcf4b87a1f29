"""A producer that exits with status 0 if no broker answers.

Breaks P12, S02.
"""

import sys

from pika.exceptions import AMQPError

from reference import new_task

connect = new_task.connect


def lie(params):
    try:
        return connect(params)
    except (AMQPError, OSError) as error:
        if new_task.refusal(error):
            raise
        sys.exit(0)


new_task.connect = lie

sys.exit(new_task.main(sys.argv[1:]))
