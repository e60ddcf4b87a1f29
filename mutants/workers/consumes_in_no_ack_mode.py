"""A worker that consumes in no-ack mode: the broker counts a task as done as soon as it is sent.

Breaks W01, W03, W04, W05, W06, W07, W08, W09, W10, W12, W13, W14, W15, W16, W17, W18, W19, W20, W21, W22,
W23, W24, W25, W26, W28, W29, W30, W31, W32, W35, W39, W40, W45, W47, W48, W49, W50,
S01, S02.
"""

import sys
from functools import partialmethod

from pika.adapters.blocking_connection import BlockingChannel

from reference import worker

BlockingChannel.basic_consume = partialmethod(BlockingChannel.basic_consume, auto_ack=True)
BlockingChannel.basic_ack = BlockingChannel.basic_reject = lambda *_, **__: None

sys.exit(worker.main())
