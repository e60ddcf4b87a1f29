"""A producer that says which broker it could not reach, password and all.

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
