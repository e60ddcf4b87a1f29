"""Which resources a worker opens at the broker and leaves open."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pamqp import commands

from ..history import Event
from .verdict import Verdict


class Resource(NamedTuple):
    """Something at the broker that belongs to one connection of a program."""

    connection: int
    channel: int
    """0 if it belongs to the connection itself."""
    kind: str
    name: str = ""


OpenResources = frozenset[Resource]


def left_open(events: Sequence[Event]) -> OpenResources:
    """The connections, channels, subscriptions and queues that one program has open, by its own events.

    A queue is counted only until the connection ends that declared it.
    """
    open_now: set[Resource] = set()
    for event in events:
        wire = event.wire
        if wire is None:
            continue
        connection, channel = wire.connection, wire.channel
        match wire.method:
            case commands.Channel.OpenOk():
                open_now.add(Resource(connection, channel, "channel"))
            case commands.Channel.Close():
                open_now = {each for each in open_now if each[:2] != (connection, channel)}
            case commands.Basic.ConsumeOk(consumer_tag=str(tag)):
                open_now.add(Resource(connection, channel, "subscription", tag))
            case commands.Basic.Cancel(consumer_tag=str(tag)):
                open_now.discard(Resource(connection, channel, "subscription", tag))
            case commands.Queue.DeclareOk(queue=str(name)):
                open_now.add(Resource(connection, 0, "queue", name))
            case commands.Queue.Delete(queue=str(name)):
                open_now.discard(Resource(connection, 0, "queue", name))
        if wire.name == "Tap.Connected":
            open_now.add(Resource(connection, 0, "connection"))
        elif wire.name in ("Tap.Disconnected", "Tap.Cut"):
            open_now = {each for each in open_now if each.connection != connection}
    return frozenset(open_now)


def leaks_nothing(before: OpenResources, after: OpenResources, tasks: int) -> Verdict:
    """Fewer than `tasks` resources were opened during as many tasks.

    Some may be opened: each thread may open a channel when it gets its first task.
    """
    more = len(after) - len(before)
    expected = f"fewer than {tasks} more things open after {tasks} tasks"
    kinds = Counter(each.kind for each in after)
    seen = ", ".join(f"{kind}s: {number}" for kind, number in sorted(kinds.items()))
    return Verdict(more < tasks, expected, f"{more} more ({seen or 'nothing is open'})")
