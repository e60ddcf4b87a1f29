"""A worker that prints a URL that is not valid, with the password in it.

Breaks W47.
"""

import os
import sys

from reference import worker

where = worker.parameters


def parameters():
    try:
        return where()
    except SystemExit:
        sys.exit(f"{os.environ['AMQP_URL']} is no URL")


worker.parameters = parameters

sys.exit(worker.main())
