"""A worker that declares the queue on one channel and consumes on another.

Breaks nothing.
"""

import sys

from reference import worker

declare = worker.declare
worker.declare = lambda channel: declare(channel.connection.channel())
sys.exit(worker.main())
