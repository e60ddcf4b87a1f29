"""A producer that shows its library's error about a malformed URL, which quotes the password if the password holds
a slash.

Breaks P16.
"""

import os
import sys

import pika

from reference import new_task

new_task.parameters = lambda: pika.URLParameters(os.environ["AMQP_URL"])

sys.exit(new_task.main(sys.argv[1:]))
