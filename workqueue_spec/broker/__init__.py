"""Where a broker comes from: a container, a node of our own, or somebody's URL."""

from workqueue_spec.broker.address import Address
from workqueue_spec.broker.base import Broker
from workqueue_spec.broker.choose import attach, open_broker
from workqueue_spec.broker.container import DEFAULT_IMAGE
from workqueue_spec.broker.engine import clear_dead_containers
from workqueue_spec.broker.url import clear_dead_virtual_hosts

__all__ = [
    "DEFAULT_IMAGE",
    "Address",
    "Broker",
    "attach",
    "clear_dead_containers",
    "clear_dead_virtual_hosts",
    "open_broker",
]
