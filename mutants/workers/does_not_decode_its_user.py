"""A worker that does not percent-decode the user of its URL.

Breaks W46.
"""

import os
import sys
from urllib.parse import urlsplit

from reference import worker

where = worker.parameters


def parameters():
    found = where()
    found.credentials.username = urlsplit(os.environ["AMQP_URL"]).username
    return found


worker.parameters = parameters

sys.exit(worker.main())
