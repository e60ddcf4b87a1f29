"""The faults that the command line asks for: what they are in words, and their installation on a tap."""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import SetupError
from ...wiretap import METHODS, LinkFault, Side, Tap
from ..spelling import did_you_mean


@dataclass(frozen=True)
class Faults:
    """What connections and frames meet. See `./spec tap --help`."""

    delay: float
    jitter: float
    bandwidth: float | None
    cut_after: int | None
    held: tuple[str, ...]
    senders: frozenset[Side]
    probability: float
    seed: int

    @classmethod
    def asked_for(cls, given: argparse.Namespace) -> "Faults":
        """Raises SetupError if there is no method of a name, or nothing for the probability to decide."""
        faults = cls(
            given.delay,
            given.jitter,
            given.bandwidth,
            given.cut_after,
            tuple(dict.fromkeys(_method(name) for name in given.hold)),
            senders=frozenset(Side) if given.direction == "both" else frozenset({Side(given.direction)}),
            probability=given.probability,
            seed=given.seed,
        )
        if given.probability != 1 and not list(faults.described()):
            raise SetupError(
                "--probability decides about faults, and none is asked for; add --delay, --jitter, --bandwidth, "
                "--cut-after or --hold."
            )
        return faults

    @property
    def is_of_the_link(self) -> bool:
        """Whether there is a fault other than frames that are held back."""
        return bool(self.delay or self.jitter or self.bandwidth or self.cut_after)

    def described(self) -> Iterator[str]:
        """Each fault in a few words; none if there is no fault."""
        if self.jitter:
            yield f"a delay of {self.delay:g} to {self.delay + self.jitter:g} s"
        elif self.delay:
            yield f"a delay of {self.delay:g} s"
        if self.bandwidth is not None:
            yield f"{self.bandwidth:g} bytes per second"
        if self.cut_after is not None:
            yield f"a cut after {self.cut_after} bytes"
        for name in self.held:
            yield f"{name} held back"

    def in_a_sentence(self) -> str:
        """All the faults, whom they meet, and how likely they are; empty if there is no fault."""
        if not (parts := list(self.described())):
            return ""
        names = [f"the {side}" for side in Side if side in self.senders]
        sent = f"what {' and '.join(names)} {'send' if len(names) > 1 else 'sends'}"
        chance = f", with probability {self.probability:g}" if self.probability != 1 else ""
        seed = f"; seed {self.seed}" if self.jitter or chance else ""
        return f"faults in {sent}: {', '.join(parts)}{chance}{seed}"

    def install(self, tap: Tap) -> None:
        """Every connection that is made from now on meets the faults."""
        if self.is_of_the_link:
            tap.link_fault(self._link_fault)
        draws = random.Random(self.seed)
        for name in self.held:
            for side in self.senders:
                tap.hold(name, side, chance=lambda: draws.random() < self.probability)

    def _link_fault(self, connection: int) -> LinkFault | None:
        # The numbers of a connection do not depend on what other connections do meanwhile.
        draws = random.Random(f"{self.seed} {connection}")
        if draws.random() >= self.probability:
            return None
        return LinkFault(
            self.senders,
            delay=(lambda: self.delay + draws.uniform(0, self.jitter)) if self.delay or self.jitter else None,
            bandwidth=self.bandwidth,
            cut_after=self.cut_after,
            note="this connection meets the faults" if self.probability != 1 else "",
        )


def _method(word: str) -> str:
    """The name of a method, however it is written: Basic.Ack, basic.ack, basic.consume-ok."""
    known: Sequence[str] = sorted({*METHODS, "Heartbeat"})
    wanted = word.lower().replace("-", "").replace("_", "")
    for name in known:
        if name.lower() == wanted:
            return name
    hint = did_you_mean(wanted, [name.lower() for name in known]) or ", such as basic.ack or heartbeat."
    raise SetupError(f"--hold needs a method of AMQP 0-9-1, and {word!a} is none{hint}")
