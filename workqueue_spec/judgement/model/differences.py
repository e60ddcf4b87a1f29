"""What brokers and queue types do differently, as the model needs it."""

from dataclasses import dataclass

from ..verdicts.ordering import Place


@dataclass(frozen=True)
class Differences:
    """What to expect of queues of one type at one broker. None: it is not known, so nothing is expected."""

    nacked_goes: Place | None = None
    """Where a message goes that is given back by basic.nack or basic.reject."""
    returned_goes: Place | None = None
    """Where a message goes whose channel or connection has ended."""
    keeps_transient: bool | None = None
    """Whether a transient message survives a restart."""
    counts_holders: bool | None = None
    """Whether a fetch, or a cancelled consumer, counts as a consumer as long as it holds messages."""
