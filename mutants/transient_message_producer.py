"""A producer that asks for no message to be kept on disk."""

import tutorial

tutorial.publish(delivery_mode=tutorial.TRANSIENT)
