"""A producer that declares the queue without durable: it is gone after a restart of the broker.

Breaks P07, P18.
"""

import tutorial

tutorial.publish(durable=False)
