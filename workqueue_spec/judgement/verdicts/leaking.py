"""What a worker opens at the broker and leaves open."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pamqp import commands

from ..history import Event
from .verdict import Verdict


class Thing(NamedTuple):
    """Something at the broker that is there for one program, and no longer than its connection."""

    connection: int
    channel: int
    """0 for what belongs to the connection itself."""
    kind: str
    name: str = ""


Open = frozenset[Thing]


def left_open(events: Sequence[Event]) -> Open:
    """The connections, channels, subscriptions and queues that one program has open, by its own events.

    A queue that outlives its connection is the program's affair from then on.
    """
    there: set[Thing] = set()
    for event in events:
        wire = event.wire
        if wire is None:
            continue
        connection, channel = wire.connection, wire.channel
        match wire.method:
            case commands.Channel.OpenOk():
                there.add(Thing(connection, channel, "channel"))
            case commands.Channel.Close():
                there = {each for each in there if each[:2] != (connection, channel)}
            case commands.Basic.ConsumeOk(consumer_tag=str(tag)):
                there.add(Thing(connection, channel, "subscription", tag))
            case commands.Basic.Cancel(consumer_tag=str(tag)):
                there.discard(Thing(connection, channel, "subscription", tag))
            case commands.Queue.DeclareOk(queue=str(name)):
                there.add(Thing(connection, 0, "queue", name))
            case commands.Queue.Delete(queue=str(name)):
                there.discard(Thing(connection, 0, "queue", name))
        if wire.name == "Tap.Connected":
            there.add(Thing(connection, 0, "connection"))
        elif wire.name in ("Tap.Disconnected", "Tap.Cut"):
            there = {each for each in there if each.connection != connection}
    return frozenset(there)


def leaks_nothing(before: Open, after: Open, tasks: int) -> Verdict:
    """No more was opened for each task: threads that come to their first task may each open something."""
    more = len(after) - len(before)
    expected = f"fewer than {tasks} more things open after {tasks} tasks"
    kinds = Counter(each.kind for each in after)
    seen = ", ".join(f"{kind}s: {number}" for kind, number in sorted(kinds.items()))
    return Verdict(more < tasks, expected, f"{more} more ({seen or 'nothing is open'})")


def nothing_left_behind(before: Open, after: Open, times: int) -> Verdict:
    """Of no kind of thing is one more open for each time that the worker had to subscribe again.

    Each kind by itself: a connection that is closed late has a channel and a queue with it.
    """
    expected = f"of each kind fewer than {times} more things open after {times} cancels"
    kinds, there = Counter(each.kind for each in after), Counter(each.kind for each in before)
    seen = ", ".join(f"{kind}s: {there[kind]}, then {number}" for kind, number in sorted(kinds.items()))
    grown = [kind for kind, number in kinds.items() if number - there[kind] >= times]
    return Verdict(not grown and bool(after), expected, seen or "nothing is open")
