"""Where a broker comes from: a container, a local node, GarageMQ, a URL."""

from .address import Address
from .base import Broker
from .choose import DEFAULT_IMAGE, attach, open_broker
from .url import clear_dead_virtual_hosts
from .whole_run import whole_run

__all__ = [
    "DEFAULT_IMAGE",
    "Address",
    "Broker",
    "attach",
    "clear_dead_virtual_hosts",
    "open_broker",
    "whole_run",
]
