"""A worker that declares the queue without durable: it is gone after a restart of the broker."""

import tutorial

tutorial.work(durable=False)
