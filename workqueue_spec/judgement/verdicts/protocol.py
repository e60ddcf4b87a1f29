"""How a worker uses the protocol: frames, capabilities, subscriptions, and what other workers need from it."""

from collections.abc import Mapping, Sequence

from ...wiretap import Side
from ..history import Event
from ..ledger import Channel, Closed, Connection, Delivery, Ledger
from .settlement import asked, ended
from .verdict import Kind, Moment, Verdict

MALFORMED = range(501, 507)
"""AMQP's reply codes for frames that are not well formed or come in a wrong order."""
COMMAND_INVALID = 503
"""AMQP's reply code for a frame that comes in a wrong order."""
CAPABILITIES = ("consumer_cancel_notify", "connection.blocked")
"""What a client announces so that the broker tells it of cancelled subscriptions and of alarms."""


def well_formed(ledger: Ledger, events: Sequence[Event]) -> Verdict:
    """The client sent only well-formed AMQP frames, in the right order."""
    expected = "well-formed frames only"
    garbled = [
        event for event in events if event.what == "Tap.Noted" and event.text.startswith("from the client")
    ]
    if garbled:
        seen = f"{garbled[0].who} sent something else: {garbled[0].text}"
        return Verdict(False, expected, seen, Moment(garbled[0].who, garbled[0].at, garbled[0].what))
    refused = [end for end in ledger.closed if end.by is Side.BROKER and end.code in MALFORMED]
    if refused:
        twice = _first_second_closes(events)
        refused = [end for end in refused if not _answers_a_second_close(end, twice)]
    if refused:
        seen = f"{refused[0].who} was told: {refused[0].code} {refused[0].text}"
        return Verdict(False, expected, seen, ended(refused[0]), Kind.REFUSED)
    return Verdict(bool(ledger.deliveries), expected, f"{len(ledger.deliveries)} tasks, and no error")


def _answers_a_second_close(end: Closed, twice: Mapping[str, float]) -> bool:
    """Whether the broker closed the same channel twice, and then refused the client's answer.

    RabbitMQ 3.10 does so at an acknowledgement timeout if the client answers late.
    """
    return end.code == COMMAND_INVALID and end.who in twice and twice[end.who] <= end.at


def _first_second_closes(events: Sequence[Event]) -> dict[str, float]:
    """When the broker first closed a channel of each party that it had closed before."""
    closed: set[Channel] = set()
    first: dict[str, float] = {}
    for event in events:
        wire = event.wire
        if wire is None:
            continue
        channel = (event.who, wire.connection, wire.channel)
        if wire.name == "Channel.OpenOk":
            closed.discard(channel)
        elif wire.name == "Channel.Close" and wire.sender is Side.BROKER:
            if channel in closed:
                first[event.who] = min(event.at, first.get(event.who, event.at))
            closed.add(channel)
    return first


def not_exclusive(ledger: Ledger) -> Verdict:
    """No consumer is exclusive, which would keep the other workers from consuming."""
    expected = "no exclusive consumer"
    alone = [consumer for consumer in ledger.consumers if consumer.exclusive]
    if alone:
        seen = f"{alone[0].who} consumes from '{alone[0].queue}' exclusively"
        return Verdict(False, expected, seen, asked(alone[0]))
    refused = [end for end in ledger.closed if end.by is Side.BROKER and end.code in (403, 405)]
    if refused:
        return Verdict(False, expected, f"{refused[0].who} was told: {refused[0].code} {refused[0].text}")
    return Verdict(
        bool(consuming_connections(ledger)),
        expected,
        f"{len(ledger.consumers)} consumers, none exclusive",
    )


def held_by_different_workers(deliveries: Sequence[Delivery]) -> Verdict:
    """Each of these deliveries went to a different worker."""
    names = [delivery.who for delivery in deliveries]
    expected = f"{len(names)} long tasks, each held by a different worker"
    return Verdict(
        1 < len(names) == len(set(names)), expected, f"they are held by {', '.join(names) or 'nobody'}"
    )


def shared_by_workers(deliveries: Sequence[Delivery]) -> Verdict:
    """At least two workers hold or held one of these deliveries."""
    names = sorted({delivery.who for delivery in deliveries})
    expected = f"{len(deliveries)} long tasks, held by two workers"
    return Verdict(len(names) > 1, expected, f"they are held by {', '.join(names) or 'nobody'}")


def only_pushed(ledger: Ledger) -> Verdict:
    """The worker gets its tasks by a subscription, and fetches none."""
    expected = "tasks delivered to a subscription (basic.consume)"
    fetched = [delivery for delivery in ledger.deliveries if delivery.consumer_tag is None]
    if fetched or ledger.fetches:
        return Verdict(
            False, expected, f"{len(ledger.fetches)} times basic.get, {len(fetched)} tasks fetched"
        )
    return Verdict(bool(ledger.deliveries), expected, f"{len(ledger.deliveries)} deliveries")


def announces_capabilities(ledger: Ledger) -> Verdict:
    """The worker announces CAPABILITIES on each connection on which it takes tasks."""
    expected = f"the capabilities {' and '.join(CAPABILITIES)}"
    taking = consuming_connections(ledger)
    greetings = [greeting for greeting in ledger.greetings if greeting.connection in taking]
    for greeting in greetings:
        missing = [name for name in CAPABILITIES if greeting.capabilities.get(name) is not True]
        if missing:
            return Verdict(False, expected, f"{greeting.who} does not announce {' and '.join(missing)}")
    return Verdict(bool(greetings), expected, "both")


def publishes_on_another_connection(ledger: Ledger) -> Verdict:
    """The worker publishes on other connections than those on which it takes tasks."""
    expected = "nothing published on a connection that takes tasks"
    taking = consuming_connections(ledger)
    mixed = [each for each in ledger.publications if each.channel[:2] in taking]
    if mixed:
        return Verdict(
            False, expected, f"{mixed[0].who} publishes to '{mixed[0].routing_key}' on such a connection"
        )
    return Verdict(bool(taking), expected, f"{len(ledger.publications)} published in all")


def removed_nothing(ledger: Ledger, queue: str) -> Verdict:
    """The queue was neither purged nor deleted."""
    expected = f"no queue.purge and no queue.delete on '{queue}'"
    removals = [removal for removal in ledger.removals if removal.queue in (queue, "")]
    if removals:
        removed = Moment(removals[0].who, removals[0].at, removals[0].what)
        return Verdict(False, expected, f"{removals[0].who} sent {removals[0].what.lower()}", removed)
    used = bool(ledger.consumers or ledger.fetches or ledger.deliveries)
    return Verdict(used, expected, f"none, with {len(ledger.deliveries)} tasks delivered")


def consuming_connections(ledger: Ledger) -> set[Connection]:
    """The connections on which tasks are consumed or fetched."""
    consuming = {consumer.channel[:2] for consumer in ledger.consumers}
    return consuming | {delivery.channel[:2] for delivery in ledger.deliveries}
