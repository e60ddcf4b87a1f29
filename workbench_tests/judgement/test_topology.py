"""What verdicts know of the queues that definitions make."""

from workqueue_spec.broker.definitions import Binding, Definitions, Exchange, Policy, Queue
from workqueue_spec.judgement.ledger import Declaration, Ledger
from workqueue_spec.judgement.topology import with_definitions
from workqueue_spec.judgement.verdicts.fate import dead_letter_exchange, delivery_limit
from workqueue_spec.judgement.verdicts.routing import dead_letter_queues, declaration


def policy(**definition: object) -> Policy:
    return Policy(
        "p", "^jobs$", "all", 0, {name.replace("_", "-"): value for name, value in definition.items()}
    )


def queue(name: str, **arguments: object) -> Queue:
    return Queue(name, True, False, {name.replace("_", "-"): value for name, value in arguments.items()})


def test_without_definitions_the_ledger_is_the_same() -> None:
    ledger = Ledger()
    assert with_definitions(ledger, None) is ledger


def test_dead_letters_are_followed_over_what_definitions_make() -> None:
    made = Definitions(
        (queue("jobs"), queue("retry", x_message_ttl=300)),
        (Exchange("again", "fanout", True, False, False, {}),),
        (Binding("again", "retry", True, "", {}),),
        (policy(dead_letter_exchange="again"),),
    )
    known = with_definitions(Ledger(), made)
    assert dead_letter_queues(known, "jobs") == ["retry"]
    assert dead_letter_exchange(known.declarations, "retry") is None


def test_a_policy_holds_for_a_queue_that_a_program_declares() -> None:
    own = Declaration("worker 1", 1.0, "jobs", False, True, False, False, {"x-message-ttl": 1})
    made = Definitions(policies=(policy(dead_letter_exchange="dlx", message_ttl=9, queue_version=2),))
    found = declaration(with_definitions(Ledger(declarations=[own]), made), "jobs")
    assert found is not None
    assert found.arguments == {"x-message-ttl": 1, "x-dead-letter-exchange": "dlx"}
    assert found.who == "worker 1"


def test_a_policy_that_sets_what_a_classic_queue_does_not_have_does_not_apply_to_it() -> None:
    both = (policy(delivery_limit=5, dead_letter_exchange="dlx"),)
    for kind, limit, exchange in (("quorum", 5, "dlx"), ("classic", None, None)):
        made = Definitions((queue("jobs", x_queue_type=kind),), policies=both)
        declarations = with_definitions(Ledger(), made).declarations
        assert delivery_limit(declarations, "jobs") == limit
        assert dead_letter_exchange(declarations, "jobs") == exchange
