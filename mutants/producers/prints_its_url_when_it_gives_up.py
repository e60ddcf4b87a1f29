"""A producer that prints the URL of the broker that it could not reach, password included.

Breaks P16.
"""

import os
import sys

from reference import new_task


def lie(record):
    if "given up" in record.msg:
        record.msg += f"; is {os.environ['AMQP_URL']} right?"
    return True


new_task.log.addFilter(lie)

sys.exit(new_task.main(sys.argv[1:]))
