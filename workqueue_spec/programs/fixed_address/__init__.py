"""Programs that always connect to one address of this machine, mostly `localhost:5672`.

Each process of such a program must find its own tap at that address. If the system allows it, each process gets
a network namespace. Otherwise all processes share the machine's port, and the process that made a connection
decides which tap serves it.
"""

from .placement import Placement, Placements
from .strategy import describe, namespaces, placements, reserve, shares_port

__all__ = ["Placement", "Placements", "describe", "namespaces", "placements", "reserve", "shares_port"]
