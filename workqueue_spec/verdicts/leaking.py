"""What a worker opens at the broker and leaves open."""

from collections.abc import Sequence

from pamqp import commands

from ..history import Event
from .verdict import Verdict

Open = frozenset[tuple[int, int]]
"""Numbers of connections and of their channels; channel 0 stands for the connection itself."""


def left_open(events: Sequence[Event]) -> Open:
    """The connections and channels that one program has open, by its own events."""
    there: set[tuple[int, int]] = set()
    for event in events:
        wire = event.wire
        if wire is None:
            continue
        if wire.name == "Tap.Connected":
            there.add((wire.connection, 0))
        elif wire.name in ("Tap.Disconnected", "Tap.Cut"):
            there = {each for each in there if each[0] != wire.connection}
        elif isinstance(wire.method, commands.Channel.OpenOk):
            there.add((wire.connection, wire.channel))
        elif isinstance(wire.method, commands.Channel.Close):
            there.discard((wire.connection, wire.channel))
    return frozenset(there)


def leaks_nothing(before: Open, after: Open, tasks: int) -> Verdict:
    """No more was opened for each task: threads that come to their first task may each open something."""
    more = len(after) - len(before)
    expected = f"fewer than {tasks} more connections and channels open after {tasks} tasks"
    kept = sum(channel == 0 for _, channel in after)
    return Verdict(more < tasks, expected, f"{more} more: {kept} connections, {len(after) - kept} channels")
