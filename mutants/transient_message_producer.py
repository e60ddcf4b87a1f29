"""A producer that asks for no message to be kept on disk.

Breaks P01.
"""

import tutorial

tutorial.publish(delivery_mode=tutorial.TRANSIENT)
