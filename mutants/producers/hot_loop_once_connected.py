"""A producer that tries again without a pause if it has reached the broker but could not log in.

Breaks P12.
"""

import sys

from pika.exceptions import ProbableAccessDeniedError

from reference import new_task

publish = new_task.publish


def lie(body, message_id):
    for _ in range(30):
        try:
            return publish(body, message_id)
        except ProbableAccessDeniedError:
            continue
    return publish(body, message_id)


new_task.publish = lie

sys.exit(new_task.main(sys.argv[1:]))
