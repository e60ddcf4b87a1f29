"""A producer that publishes to a topic exchange. It declares the exchange, the queue and the binding.

Runs with the profile topic.

Breaks nothing.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from mutants import _topic
from reference import new_task

new_task.declare = _topic.declare
BlockingChannel.basic_publish = _topic.publish(BlockingChannel.basic_publish)

sys.exit(new_task.main(sys.argv[1:]))
