"""What a bench is given: what all the benches of a run share, and its own virtual host."""

from collections.abc import Callable
from dataclasses import dataclass

from ..broker import Address
from ..broker.run import Run
from ..programs.fixed_address import Placements
from ..programs.subject import Subject
from ..wiretap import LoopThread, Tap

Faults = Callable[[Tap], object]
"""Installs faults on a party's tap, before the party starts."""


@dataclass(frozen=True)
class Setting:
    """What all the benches of a run share."""

    run: Run
    loop_thread: LoopThread
    subject: Subject
    placements: Placements
    queue_type: str
    seed: int
    lies: Faults | None = None
    """What a lying broker does, installed on every tap. None: the broker is left as it is."""


@dataclass(frozen=True)
class VirtualHost:
    """Where the queues of one bench are, apart from those of every other bench."""

    address: Address
    """What the taps connect to: the broker, or a tap in front of it (see `shared_vhost`)."""
    name: str
    """The virtual host's name at the broker."""
