"""Which resources a worker opens at the broker and leaves open."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from pamqp import base, commands

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


_OPENING_OR_CLOSING = frozenset(
    [
        "Channel.OpenOk",
        "Channel.Close",
        "Basic.ConsumeOk",
        "Basic.Cancel",
        "Queue.DeclareOk",
        "Queue.Delete",
    ]
)


def left_open(events: Sequence[Event]) -> OpenResources:
    """The connections, channels, subscriptions and queues that one program has open, by its own events.

    A queue is counted only until the connection ends that declared it.
    """
    open_now: defaultdict[int, defaultdict[int, set[Resource]]] = defaultdict(lambda: defaultdict(set))
    for event in events:
        wire = event.wire
        if wire is None:
            continue
        connection, channel = wire.connection, wire.channel
        match wire.name:
            case "Tap.Connected":
                open_now[connection][0].add(Resource(connection, 0, "connection"))
            case "Tap.Disconnected" | "Tap.Cut":
                open_now.pop(connection, None)
            case name if name in _OPENING_OR_CLOSING:
                _take(open_now[connection], connection, channel, wire.method)
    return frozenset(each for channels in open_now.values() for those in channels.values() for each in those)


def _take(
    open_now: defaultdict[int, set[Resource]], connection: int, channel: int, method: base.Frame | None
) -> None:
    """Adds and removes what a method on this channel opens and closes."""
    match method:
        case commands.Channel.OpenOk():
            open_now[channel].add(Resource(connection, channel, "channel"))
        case commands.Channel.Close():
            open_now[channel].clear()
        case commands.Basic.ConsumeOk(consumer_tag=str(tag)):
            open_now[channel].add(Resource(connection, channel, "subscription", tag))
        case commands.Basic.Cancel(consumer_tag=str(tag)):
            open_now[channel].discard(Resource(connection, channel, "subscription", tag))
        case commands.Queue.DeclareOk(queue=str(name)):
            open_now[0].add(Resource(connection, 0, "queue", name))
        case commands.Queue.Delete(queue=str(name)):
            open_now[0].discard(Resource(connection, 0, "queue", name))


def leaks_nothing(opened: Sequence[OpenResources], tasks: int) -> Verdict:
    """After some round of that many tasks, no more resources were open than before it. `opened` has what was open
    before the first round, and after each.
    """
    counts = [len(each) for each in opened]
    holds = any(later <= earlier for earlier, later in itertools.pairwise(counts))
    kinds = Counter(each.kind for each in opened[-1])
    now = ", ".join(f"{kind}s: {number}" for kind, number in sorted(kinds.items()))
    seen = f"{', '.join(map(str, counts))} things open, one round after the other; at last {now or 'nothing'}"
    return Verdict(holds, f"a round of {tasks} tasks after which no more things are open than before", seen)


def nothing_left_behind(before: OpenResources, after: OpenResources, times: int) -> Verdict:
    """Fewer than `times` more resources of each kind are open, after the worker has subscribed again `times` times.

    Each kind is counted by itself, because a connection that is closed late keeps a channel and a queue open, too.
    """
    expected = f"fewer than {times} more resources of each kind open after {times} cancels"
    kinds, earlier = Counter(each.kind for each in after), Counter(each.kind for each in before)
    seen = ", ".join(f"{kind}s: {earlier[kind]}, then {number}" for kind, number in sorted(kinds.items()))
    grown = [kind for kind, number in kinds.items() if number - earlier[kind] >= times]
    return Verdict(not grown and bool(after), expected, seen or "nothing is open")
