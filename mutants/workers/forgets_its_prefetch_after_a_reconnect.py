"""A worker that sets its prefetch on its first connection only.

Breaks W02, W16.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

qos = BlockingChannel.basic_qos


def set_once(self, **limit):
    BlockingChannel.basic_qos = lambda self, **_: None
    qos(self, **limit)


BlockingChannel.basic_qos = set_once

sys.exit(worker.main())
