"""A worker that declares the queue without durable: it is gone after a restart of the broker.

Breaks W34.
"""

import tutorial

tutorial.work(durable=False)
