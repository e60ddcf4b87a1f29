"""A producer that waits for ever if the broker has blocked its connection.

Breaks P11.
"""

import sys

from reference import new_task

connect = new_task.connect


def lie(params):
    params.blocked_connection_timeout = None
    return connect(params)


new_task.connect = lie
new_task.exit_after = lambda *_, **__: None

sys.exit(new_task.main(sys.argv[1:]))
