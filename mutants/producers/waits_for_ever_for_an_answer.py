"""A producer that waits for ever for a broker that lets it connect and then says nothing.

Breaks P12.
"""

import sys

from reference import new_task

where = new_task.parameters


def patient():
    found = where()
    found.stack_timeout = found.socket_timeout = 3600
    return found


new_task.parameters = patient
new_task.leave_after = lambda *_, **__: None

sys.exit(new_task.main(sys.argv[1:]))
