"""Programs that connect to one address of this machine, whatever they are told, `localhost:5672` mostly.

Each process of such a program finds its own tap there. Where the system allows it each is given a network
namespace; elsewhere all share the machine's port, and a connection's tap is known by the process that made it.
"""

from .placement import Placement, Placements
from .strategy import describe, namespaces, placements, reserve, takes_turns

__all__ = ["Placement", "Placements", "describe", "namespaces", "placements", "reserve", "takes_turns"]
