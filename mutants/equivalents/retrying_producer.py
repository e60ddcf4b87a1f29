"""A producer that takes a refusal (`basic.nack`) as temporary, and tries again with growing delays until it gives
up.

Breaks nothing.
"""

import sys

from pika.exceptions import NackError

from reference import new_task

refusal = new_task.refusal
new_task.refusal = lambda error: None if isinstance(error, NackError) else refusal(error)

sys.exit(new_task.main(sys.argv[1:]))
