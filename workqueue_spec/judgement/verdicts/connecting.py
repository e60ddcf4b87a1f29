"""How a worker keeps its connection, loses it, and comes back."""

from collections.abc import Sequence
from dataclasses import replace

from ...wiretap import Side
from ..history import Event
from ..ledger import Delivery, Ledger
from .protocol import consuming_connections
from .settlement import acknowledged_after
from .verdict import Verdict

SLACK = 10.0
"""Seconds beyond three heartbeats in which a silent peer is to be noticed. Libraries add a constant of their
own to each look (pika five seconds, twice): nothing beside the usual heartbeat of 60 s, much beside one of a
second, which is used here to keep the test short."""


def done_once(deliveries: Sequence[Delivery]) -> Verdict:
    """One execution, and one acknowledgement."""
    expected = "one delivery, acknowledged on the connection it came on"
    for delivery in deliveries:
        if delivery.settled_at is None and delivery.returned_at is not None:
            held = delivery.returned_at - delivery.at
            return Verdict(
                False, expected, f"{delivery.who} lost its channel or connection {held:.1f} s into the task"
            )
    acknowledged = sum(delivery.acknowledged for delivery in deliveries)
    seen = f"{len(deliveries)} deliveries, {acknowledged} of them acknowledged"
    return Verdict(len(deliveries) == acknowledged == 1, expected, seen)


def connection_attempts(events: Sequence[Event], who: str, after: float) -> list[float]:
    """When the party tried to connect, until the broker let it in again."""
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
    """It is there again."""
    return Verdict(back, f"{worker} comes back by itself", "so it does" if back else "it ended")


def same_on_every_connection(ledger: Ledger, queue: str) -> Verdict:
    """What it asks for on later connections is what it asked for on the first."""
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
    """No connection that brings tasks has been lost since: it is open, or closed by its client as AMQP has it."""
    taking, taking_leave = consuming_connections(ledger), set()
    expected = "no connection lost that brings tasks"
    for event in events:
        if event.wire is None or (connection := (event.who, event.wire.connection)) not in taking:
            continue
        if event.what == "Connection.Close" and event.wire.sender is Side.CLIENT:
            taking_leave.add(connection)
        elif event.what == "Tap.Disconnected" and connection not in taking_leave and event.at > since:
            seen = f"{event.who}: {event.text}, after {event.at - since:.1f} s in which there was no task"
            return Verdict(False, expected, seen)
    return Verdict(bool(taking), expected, f"none of {len(taking)}")


def noticed_silence(ended: Sequence[float | None], silent_at: float, heartbeat: int) -> Verdict:
    """Each connection that had gone silent was given up in time; None for one that was not."""
    limit = 3 * heartbeat + SLACK
    expected = (
        f"its connection given up within {limit:g} s: three heartbeats of {heartbeat} s, and some slack"
    )
    if heartbeat == 0:
        return Verdict(False, expected, "it turned heartbeats off, so it would never know")
    if not ended:
        return Verdict(False, expected, "it had none")
    if any(at is None for at in ended):
        return Verdict(False, expected, "it was still open")
    took = max(at - silent_at for at in ended if at is not None)
    return Verdict(took <= limit, expected, f"{took:.1f} s")


def none_lost(deliveries: Sequence[Delivery], tasks: dict[bytes, float]) -> Verdict:
    """Each task, known by its mark, was acknowledged at least once after its seconds of work.

    They count from the first time that the worker was given it: one that lost its connection meanwhile, has
    finished all the same and knows the task again need not do it twice.
    """
    lost = []
    for mark, work in tasks.items():
        of = [delivery for delivery in deliveries if delivery.carries(mark)]
        if not any(_worked_on(delivery, of, work) for delivery in of):
            lost.append(f"{mark.decode()} ({len(of)} deliveries)")
    expected = f"each of {len(tasks)} tasks finished at least once"
    seen = f"{len(lost)} were not: {', '.join(lost[:4])}" if lost else "so it was"
    return Verdict(bool(tasks) and not lost, expected, seen)


def _worked_on(delivery: Delivery, all_of_it: Sequence[Delivery], work: float) -> bool:
    begun = min(each.at for each in all_of_it if each.who == delivery.who)
    return delivery.acknowledged and acknowledged_after(replace(delivery, at=begun), work).holds
