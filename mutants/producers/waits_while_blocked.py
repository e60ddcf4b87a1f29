"""A producer that waits for ever where the broker takes nothing.

Breaks P11.
"""

import sys

from reference import new_task

connect = new_task.connect


def lie(where):
    where.blocked_connection_timeout = None
    return connect(where)


new_task.connect = lie
new_task.leave_after = lambda *_, **__: None

sys.exit(new_task.main(sys.argv[1:]))
