"""A worker that acknowledges with `multiple`, which makes no difference while one task is outstanding.

Breaks nothing.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

acknowledge = BlockingChannel.basic_ack
BlockingChannel.basic_ack = lambda channel, tag: acknowledge(channel, tag, multiple=True)
sys.exit(worker.main())
