"""A producer that leaves it to its library to say what is wrong with its URL, which names a part of it: the
password, where that has a slash in it.

Breaks P16.
"""

import os
import sys

import pika

from reference import new_task

new_task.parameters = lambda: pika.URLParameters(os.environ["AMQP_URL"])

sys.exit(new_task.main(sys.argv[1:]))
