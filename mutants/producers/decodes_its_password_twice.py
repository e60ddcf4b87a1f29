"""A producer that percent-decodes the password of its URL twice.

Breaks P22.
"""

import sys
from urllib.parse import unquote

from reference import new_task

where = new_task.parameters


def parameters():
    found = where()
    found.credentials.password = unquote(found.credentials.password)
    return found


new_task.parameters = parameters

sys.exit(new_task.main(sys.argv[1:]))
