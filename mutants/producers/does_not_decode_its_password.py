"""A producer that does not percent-decode the password of its URL.

Breaks P22.
"""

import os
import sys
from urllib.parse import urlsplit

from reference import new_task

where = new_task.parameters


def parameters():
    found = where()
    found.credentials.password = urlsplit(os.environ["AMQP_URL"]).password
    return found


new_task.parameters = parameters

sys.exit(new_task.main(sys.argv[1:]))
