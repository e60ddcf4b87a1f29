"""Where a message goes, by the queues, exchanges and bindings that a program asked for itself."""

from ..ledger import Declaration, Ledger

FANOUT = "fanout"
DIRECT = "direct"


def declaration(book: Ledger, queue: str) -> Declaration | None:
    """The queue as it was declared last, but for passive declarations; None if it was not."""
    declared = [each for each in book.declarations if each.queue == queue and not each.passive]
    return declared[-1] if declared else None


def dead_letters_go(book: Ledger, queue: str) -> list[str] | None:
    """The queues that the dead letters of the queue are put on.

    None: it has no dead-letter exchange, or that exchange is not the program's own. Without a routing key for
    dead letters each keeps the key that it was published with: then it is taken for that of every binding.
    """
    declared = declaration(book, queue)
    exchange = declared and declared.arguments.get("x-dead-letter-exchange")
    if declared is None or exchange is None:
        return None
    key = declared.arguments.get("x-dead-letter-routing-key")
    return routed(book, str(exchange), None if key is None else str(key))


def routed(book: Ledger, exchange: str, key: str | None) -> list[str] | None:
    """The queues that a message of this exchange is put on; None if that cannot be told.

    Of an exchange that is neither direct nor fanout, and for a key that is None, all that are bound to it.
    """
    if not exchange:
        return None if key is None else [key]
    kinds = [each.type for each in book.exchanges if each.name == exchange]
    bindings = [each for each in book.bindings if each.exchange == exchange]
    if not (kinds or bindings) or any(each.queue is None for each in bindings):
        return None
    any_key = key is None or (kinds or [FANOUT])[-1] != DIRECT
    return [each.queue for each in bindings if each.queue and (any_key or each.routing_key == key)]
