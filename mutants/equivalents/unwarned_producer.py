"""A producer without the capability `authentication_failure_close`: when its login is refused, its connection just
ends, and it reports that.

Breaks nothing.
"""

import sys

from pika.exceptions import ProbableAuthenticationError

from reference import new_task

where, refusal = new_task.parameters, new_task.refusal


def parameters():
    found = where()
    found.client_properties = {"capabilities": {"publisher_confirms": True, "connection.blocked": True}}
    return found


def told(error):
    if isinstance(error, ProbableAuthenticationError):
        return "the connection was closed at the login"
    return refusal(error)


new_task.parameters, new_task.refusal = parameters, told

sys.exit(new_task.main(sys.argv[1:]))
