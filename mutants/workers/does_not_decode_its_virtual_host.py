"""A worker that does not percent-decode the virtual host of its URL.

Breaks W46.
"""

import os
import sys
from urllib.parse import urlsplit

from reference import worker

where = worker.parameters


def parameters():
    found = where()
    found.virtual_host = urlsplit(os.environ["AMQP_URL"]).path[1:]
    return found


worker.parameters = parameters

sys.exit(worker.main())
