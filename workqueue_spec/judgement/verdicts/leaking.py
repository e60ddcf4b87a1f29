"""What a worker opens at the broker and leaves open."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pamqp import commands

from ..history import Event
from .verdict import Verdict


class Resource(NamedTuple):
    """Something at the broker that is there for one program, and no longer than its connection."""

    connection: int
    channel: int
    """0 for what belongs to the connection itself."""
    kind: str
    name: str = ""


OpenResources = frozenset[Resource]


def left_open(events: Sequence[Event]) -> OpenResources:
    """The connections, channels, subscriptions and queues that one program has open, by its own events.

    A queue that outlives its connection is the program's affair from then on.
    """
    there: set[Resource] = set()
    for event in events:
        wire = event.wire
        if wire is None:
            continue
        connection, channel = wire.connection, wire.channel
        match wire.method:
            case commands.Channel.OpenOk():
                there.add(Resource(connection, channel, "channel"))
            case commands.Channel.Close():
                there = {each for each in there if each[:2] != (connection, channel)}
            case commands.Basic.ConsumeOk(consumer_tag=str(tag)):
                there.add(Resource(connection, channel, "subscription", tag))
            case commands.Basic.Cancel(consumer_tag=str(tag)):
                there.discard(Resource(connection, channel, "subscription", tag))
            case commands.Queue.DeclareOk(queue=str(name)):
                there.add(Resource(connection, 0, "queue", name))
            case commands.Queue.Delete(queue=str(name)):
                there.discard(Resource(connection, 0, "queue", name))
        if wire.name == "Tap.Connected":
            there.add(Resource(connection, 0, "connection"))
        elif wire.name in ("Tap.Disconnected", "Tap.Cut"):
            there = {each for each in there if each.connection != connection}
    return frozenset(there)


def leaks_nothing(before: OpenResources, after: OpenResources, tasks: int) -> Verdict:
    """No more was opened for each task: threads that come to their first task may each open something."""
    more = len(after) - len(before)
    expected = f"fewer than {tasks} more things open after {tasks} tasks"
    kinds = Counter(each.kind for each in after)
    seen = ", ".join(f"{kind}s: {number}" for kind, number in sorted(kinds.items()))
    return Verdict(more < tasks, expected, f"{more} more ({seen or 'nothing is open'})")
