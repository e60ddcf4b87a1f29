"""A worker that says that it wants to know of a cancelled subscription, but whose library does not know
`basic.cancel` and ignores it.

Breaks W14.
"""

import sys

from pika.adapters.blocking_connection import BlockingChannel
from pika.channel import Channel

from reference import worker

Channel._on_cancel = BlockingChannel._on_consumer_cancelled_by_broker = lambda *_: None

sys.exit(worker.main())
