"""Where a broker comes from: a container, a local node, a cluster of either, GarageMQ, a URL."""

from .address import Address
from .base import Broker
from .choose import DEFAULT_IMAGE, attach, is_cluster, open_broker, urls_in
from .cluster import ClusterBroker
from .url import clear_dead_virtual_hosts
from .whole_run import whole_run

__all__ = [
    "DEFAULT_IMAGE",
    "Address",
    "Broker",
    "ClusterBroker",
    "attach",
    "clear_dead_virtual_hosts",
    "is_cluster",
    "open_broker",
    "urls_in",
    "whole_run",
]
