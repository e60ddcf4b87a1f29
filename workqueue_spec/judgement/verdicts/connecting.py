"""How a worker keeps its connection, loses it, and connects again."""

from collections.abc import Sequence

from ...wiretap import Side
from ..history import Event
from ..ledger import Delivery, Ledger
from .protocol import consuming_connections
from .verdict import Kind, Moment, Verdict

SLACK = 10.0
"""Seconds beyond three heartbeats within which a worker must notice a silent broker. Libraries add a constant
of their own to each check (pika adds five seconds, twice). That is little compared with the usual heartbeat
of 60 s, but much compared with the heartbeat of one second that keeps the test short."""


def done_once(deliveries: Sequence[Delivery]) -> Verdict:
    """The task was delivered once, and acknowledged once."""
    expected = "one delivery, acknowledged on the connection that brought it"
    for delivery in deliveries:
        if delivery.settled_at is None and delivery.taken_back_at is not None:
            held = delivery.taken_back_at - delivery.at
            seen = f"{delivery.who} lost its channel or connection {held:.1f} s into the task"
            ended = Moment(delivery.who, delivery.taken_back_at)
            return Verdict(False, expected, seen, ended, Kind.CONNECTION_LOST)
    acknowledged = sum(delivery.acknowledged for delivery in deliveries)
    seen = f"{len(deliveries)} deliveries, {acknowledged} of them acknowledged"
    return Verdict(len(deliveries) == acknowledged == 1, expected, seen)


def connection_attempts(events: Sequence[Event], who: str, after: float) -> list[float]:
    """When the party tried to connect after that time, until the broker accepted a connection."""
    times: list[float] = []
    for event in events:
        if event.who != who or event.at <= after:
            continue
        if event.what in ("Tap.Connected", "Tap.Refused"):
            times.append(event.at)
        elif event.what == "Connection.OpenOk":
            break
    return times


def reconnected(back: bool, worker: str) -> Verdict:
    """The worker asked for tasks again by itself."""
    return Verdict(back, f"{worker} comes back by itself", "it came back" if back else "it ended")


def same_on_every_connection(ledger: Ledger, queue: str) -> Verdict:
    """The worker declares, consumes and has heartbeats on each later connection as on its first."""
    expected = "the queue declared, and tasks asked for, each time as the first time"
    declared = [
        (each.durable, each.exclusive, each.auto_delete, each.arguments)
        for each in ledger.declarations
        if each.queue == queue and not each.passive
    ]
    consumed = [(each.no_ack, each.exclusive) for each in ledger.consumers if each.queue == queue]
    taking = {each.channel[:2] for each in ledger.deliveries}
    settled = [greeting.heartbeat for greeting in ledger.greetings if greeting.connection in taking]
    for kind, asked in (("declares", declared), ("consumes", consumed), ("has heartbeats", settled)):
        for later in asked[1:]:
            if later != asked[0]:
                return Verdict(False, expected, f"first it {kind} with {asked[0]}, later with {later}")
    seen = f"{len(declared)} declarations, {len(consumed)} subscriptions, all alike"
    return Verdict(bool(declared or consumed or ledger.fetches), expected, seen)


def keeps_connections(ledger: Ledger, events: Sequence[Event], since: float) -> Verdict:
    """No connection that brings tasks was lost after `since`.

    Each of these connections is open, or its client closed it with `connection.close`.
    """
    consuming, closed_by_client = consuming_connections(ledger), set()
    expected = "no connection lost that brings tasks"
    for event in events:
        if event.wire is None or (connection := (event.who, event.wire.connection)) not in consuming:
            continue
        if event.what == "Connection.Close" and event.wire.sender is Side.CLIENT:
            closed_by_client.add(connection)
        elif event.what == "Tap.Disconnected" and connection not in closed_by_client and event.at > since:
            seen = f"{event.who}: {event.text}, after {event.at - since:.1f} s in which there was no task"
            lost = Moment(event.who, event.at, event.what)
            return Verdict(False, expected, seen, lost, Kind.CONNECTION_LOST)
    return Verdict(bool(consuming), expected, f"none of {len(consuming)}")


def noticed_silence(ended: Sequence[float | None], silent_at: float, heartbeat: int) -> Verdict:
    """The worker closed each silent connection in time; None stands for a connection that is still open."""
    limit = 3 * heartbeat + SLACK
    if heartbeat == 0:
        return Verdict(
            False,
            "heartbeats, which show that the peer is there",
            "it turned heartbeats off, so it cannot notice",
        )
    expected = f"its connection closed within {limit:g} s: three heartbeats of {heartbeat} s, and some slack"
    if not ended:
        return Verdict(False, expected, "it had no connection")
    if any(at is None for at in ended):
        return Verdict(False, expected, "a connection was still open")
    took = max(at - silent_at for at in ended if at is not None)
    return Verdict(took <= limit, expected, f"{took:.1f} s")
