"""A worker that prints its URL, with the password in it, when it has lost its connection.

Breaks W47.
"""

import os
import sys

from reference import worker


def lie(record):
    if "subscribing again" in record.msg:
        record.msg += f"; is {os.environ['AMQP_URL'].replace('%', '%%')} right?"
    return True


worker.log.addFilter(lie)

sys.exit(worker.main())
