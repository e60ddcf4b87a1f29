"""How a worker behaves towards the broker and towards other workers."""

from collections.abc import Sequence

from ..history import Event
from ..ledger import Connection, Delivery, Ledger
from ..wiretap import Side
from .verdict import Verdict

MALFORMED = range(501, 507)
"""What a broker replies to frames that are not well formed, or come in a wrong order."""
CAPABILITIES = ("consumer_cancel_notify", "connection.blocked")


def well_formed(ledger: Ledger, events: Sequence[Event]) -> Verdict:
    """Nothing that was sent is anything but AMQP frames in their right order."""
    expected = "well-formed frames only"
    garbled = [
        event for event in events if event.what == "Tap.Noted" and event.text.startswith("from the client")
    ]
    if garbled:
        return Verdict(False, expected, f"{garbled[0].who} sent something else: {garbled[0].text}")
    refused = [end for end in ledger.closed if end.by is Side.BROKER and end.code in MALFORMED]
    if refused:
        return Verdict(False, expected, f"{refused[0].who} was told: {refused[0].code} {refused[0].text}")
    return Verdict(bool(ledger.deliveries), expected, f"{len(ledger.deliveries)} tasks, and no complaint")


def not_exclusive(ledger: Ledger) -> Verdict:
    """Nobody keeps the others from consuming."""
    expected = "no exclusive consumer"
    alone = [consumer for consumer in ledger.consumers if consumer.exclusive]
    if alone:
        return Verdict(False, expected, f"{alone[0].who} consumes from '{alone[0].queue}' exclusively")
    refused = [end for end in ledger.closed if end.by is Side.BROKER and end.code in (403, 405)]
    if refused:
        return Verdict(False, expected, f"{refused[0].who} was told: {refused[0].code} {refused[0].text}")
    return Verdict(bool(_taking(ledger)), expected, f"{len(ledger.consumers)} consumers, all of them shared")


def by_different_ones(deliveries: Sequence[Delivery]) -> Verdict:
    """Each of these went to somebody else."""
    names = [delivery.who for delivery in deliveries]
    expected = f"{len(names)} long tasks, each with another worker"
    return Verdict(
        1 < len(names) == len(set(names)), expected, f"they are with {', '.join(names) or 'nobody'}"
    )


def pushed(ledger: Ledger) -> Verdict:
    """Tasks come to it because it has subscribed, not because it asks for each."""
    expected = "tasks delivered to a subscription (basic.consume)"
    fetched = [delivery for delivery in ledger.deliveries if delivery.consumer_tag is None]
    if fetched or ledger.fetches:
        return Verdict(
            False, expected, f"{len(ledger.fetches)} times basic.get, {len(fetched)} tasks fetched"
        )
    return Verdict(bool(ledger.deliveries), expected, f"{len(ledger.deliveries)} deliveries")


def announces(ledger: Ledger) -> Verdict:
    """On the connections on which it takes tasks, it says what it wants to be told."""
    expected = f"the capabilities {' and '.join(CAPABILITIES)}"
    taking = _taking(ledger)
    greetings = [greeting for greeting in ledger.greetings if greeting.connection in taking]
    for greeting in greetings:
        missing = [name for name in CAPABILITIES if greeting.capabilities.get(name) is not True]
        if missing:
            return Verdict(False, expected, f"{greeting.who} does not announce {' and '.join(missing)}")
    return Verdict(bool(greetings), expected, "both")


def publishes_elsewhere(ledger: Ledger) -> Verdict:
    """What it publishes goes over another connection than the one that brings it tasks."""
    expected = "nothing published on a connection that takes tasks"
    taking = _taking(ledger)
    mixed = [each for each in ledger.publications if each.channel[:2] in taking]
    if mixed:
        return Verdict(False, expected, f"{mixed[0].who} publishes to '{mixed[0].routing_key}' there")
    return Verdict(bool(taking), expected, f"{len(ledger.publications)} published in all")


def removed_nothing(ledger: Ledger, queue: str) -> Verdict:
    """The queue was neither purged nor deleted."""
    expected = f"no queue.purge and no queue.delete on '{queue}'"
    removals = [removal for removal in ledger.removals if removal.queue in (queue, "")]
    if removals:
        return Verdict(False, expected, f"{removals[0].who} sent {removals[0].what.lower()}")
    return Verdict(bool(ledger.deliveries), expected, f"none, with {len(ledger.deliveries)} tasks delivered")


def _taking(ledger: Ledger) -> set[Connection]:
    """The connections on which tasks are asked for."""
    consuming = {consumer.channel[:2] for consumer in ledger.consumers}
    return consuming | {delivery.channel[:2] for delivery in ledger.deliveries}
