"""The queues that a message is routed to, by the declarations and bindings of one program."""

from ..ledger import Declaration, Ledger

FANOUT = "fanout"
DIRECT = "direct"


def declaration(ledger: Ledger, queue: str) -> Declaration | None:
    """The last declaration of the queue that is not passive; None if there is none."""
    declared = [each for each in ledger.declarations if each.queue == queue and not each.passive]
    return declared[-1] if declared else None


def dead_letter_queues(ledger: Ledger, queue: str) -> list[str] | None:
    """The queues that the dead letters of the queue are routed to.

    None if the queue has no dead letter exchange, or if the program has not declared that exchange. If the queue
    sets no routing key for dead letters, each keeps the key that it was published with: then all bindings are taken
    to match.
    """
    declared = declaration(ledger, queue)
    exchange = declared and declared.arguments.get("x-dead-letter-exchange")
    if declared is None or exchange is None:
        return None
    key = declared.arguments.get("x-dead-letter-routing-key")
    return queues_for(ledger, str(exchange), None if key is None else str(key))


def queues_for(ledger: Ledger, exchange: str, key: str | None) -> list[str] | None:
    """The queues that a message with this key is routed to by this exchange; None if that is unknown.

    If the exchange is neither direct nor fanout, or if the key is None, these are all the queues that are bound to
    it.
    """
    if not exchange:
        return None if key is None else [key]
    kinds = [each.type for each in ledger.exchanges if each.name == exchange]
    bindings = [each for each in ledger.bindings if each.exchange == exchange]
    if not (kinds or bindings) or any(each.queue is None for each in bindings):
        return None
    any_key = key is None or (kinds or [FANOUT])[-1] != DIRECT
    return [each.queue for each in bindings if each.queue and (any_key or each.routing_key == key)]


def consumed(ledger: Ledger) -> set[str]:
    """The queues from which the program takes messages."""
    return {each.queue for each in ledger.consumers} | {each.queue for each in ledger.fetches}
