"""A producer that waits for ever if a broker accepts the connection and then sends nothing.

Breaks P12.
"""

import sys

from reference import new_task

parameters = new_task.parameters


def without_timeouts():
    params = parameters()
    params.stack_timeout = params.socket_timeout = 3600
    return params


new_task.parameters = without_timeouts
new_task.exit_after = lambda *_, **__: None

sys.exit(new_task.main(sys.argv[1:]))
