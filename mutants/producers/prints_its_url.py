"""A producer that prints the URL of its broker, password included.

Breaks P16.
"""

import os
import sys

from reference import new_task

print("sending to", os.environ["AMQP_URL"])

sys.exit(new_task.main(sys.argv[1:]))
