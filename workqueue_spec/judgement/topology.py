"""What is known of queues that the programs do not declare themselves: what definitions make of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..broker.definitions import Definitions
from .ledger import Binding, Declaration, Exchange, Ledger

BY_DEFINITIONS = "the definitions"
"""Who declares in the ledger what the definitions make."""
_OF_A_POLICY = (
    "dead-letter-exchange",
    "dead-letter-routing-key",
    "message-ttl",
    "expires",
    "max-length",
    "max-length-bytes",
    "overflow",
    "delivery-limit",
)
"""What a policy can set and verdicts ask for, by its name; the argument of a queue is `x-` and the name."""


def with_definitions(ledger: Ledger, definitions: Definitions | None) -> Ledger:
    """The ledger, and in it what the definitions make, as if a client had declared it last.

    A queue has what a policy says among its arguments, also a queue that a program declares.
    """
    if definitions is None:
        return ledger
    return replace(
        ledger,
        declarations=[*ledger.declarations, *_declarations(ledger, definitions)],
        exchanges=[
            *(Exchange(BY_DEFINITIONS, 0.0, each.name, each.type) for each in definitions.exchanges),
            *ledger.exchanges,
        ],
        bindings=[
            *(
                Binding(
                    BY_DEFINITIONS,
                    0.0,
                    each.source,
                    each.routing_key,
                    each.destination if each.to_queue else None,
                )
                for each in definitions.bindings
            ),
            *ledger.bindings,
        ],
    )


def _declarations(ledger: Ledger, definitions: Definitions) -> Iterator[Declaration]:
    own = {each.queue: each for each in ledger.declarations if not each.passive}
    for queue in definitions.queues:
        arguments = _arguments(queue.name, queue.arguments, definitions)
        yield Declaration(
            who=BY_DEFINITIONS,
            at=0.0,
            queue=queue.name,
            passive=False,
            durable=queue.durable,
            exclusive=False,
            auto_delete=queue.auto_delete,
            arguments=arguments,
        )
    for name, declared in own.items():
        if definitions.queue(name) is None:
            arguments = _arguments(name, declared.arguments, definitions)
            if arguments != declared.arguments:
                yield replace(declared, arguments=arguments)


def _arguments(queue: str, own: Mapping[str, Any], definitions: Definitions) -> dict[str, Any]:
    """The arguments of the queue, with those of the policy that applies to it. An argument of its own prevails."""
    queue_type = str(own.get("x-queue-type", "classic"))
    policy = definitions.policy_of(queue, queue_type)
    if policy is None:
        return dict(own)
    by_policy = {f"x-{key}": value for key, value in policy.definition.items() if key in _OF_A_POLICY}
    return {**by_policy, **own}
