"""Whether a task can wait: which arguments of a queue, and which properties of a message, allow it."""

from typing import Any

import pytest
from pamqp import commands

from workqueue_spec.judgement.verdicts.waiting import lets_tasks_wait

from .wire import Script

QUEUE = "task_queue"
DEAD_LETTERED = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "failed"}


def declared(arguments: dict[str, Any], *, queue: str = QUEUE, passive: bool = False) -> Script:
    return Script().client(commands.Queue.Declare(0, queue, passive, durable=True, arguments=arguments))


def published(expiration: str | None, *, queue: str = QUEUE) -> Script:
    properties = commands.Basic.Properties(delivery_mode=2, expiration=expiration)
    return Script().client(commands.Basic.Publish(0, "", queue), body=b"task", properties=properties)


def lets_wait(script: Script) -> bool:
    return lets_tasks_wait(script.ledger, QUEUE).holds


@pytest.mark.parametrize(
    "arguments",
    [
        {"x-expires": 1000},
        {"x-expires": 1000, **DEAD_LETTERED},
        {"x-message-ttl": 0},
        {"x-message-ttl": 1000, "x-overflow": "reject-publish"},
        {"x-max-length": 10},
        {"x-max-length-bytes": 10, "x-overflow": "drop-head"},
    ],
    ids=str,
)
def test_a_queue_that_drops_tasks(arguments: dict[str, Any]) -> None:
    verdict = lets_tasks_wait(declared(arguments).ledger, QUEUE)
    assert not verdict
    assert next(iter(arguments)) in verdict.seen


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"x-queue-type": "quorum", "x-delivery-limit": 20},
        {"x-message-ttl": None},
        {"x-message-ttl": 1000, **DEAD_LETTERED},
        {"x-max-length": 10, **DEAD_LETTERED},
        {"x-max-length": 10, "x-overflow": "reject-publish"},
        {"x-max-length-bytes": 10, "x-overflow": "reject-publish-dlx"},
    ],
    ids=str,
)
def test_a_queue_that_keeps_them(arguments: dict[str, Any]) -> None:
    assert lets_wait(declared(arguments))


def test_other_queues_may_drop_messages() -> None:
    assert lets_wait(declared({"x-message-ttl": 300}, queue="task_queue.retry"))


def test_a_passive_declaration_does_not_count() -> None:
    assert lets_wait(declared({"x-message-ttl": 300}, passive=True))


def test_a_message_that_expires() -> None:
    assert not lets_wait(published("60000"))
    assert not lets_wait(published("0"))


def test_a_message_that_does_not() -> None:
    assert lets_wait(Script())
    assert lets_wait(published(None))
    assert lets_wait(published("60000", queue="task_queue.retry"))


def retry_queue(**arguments: Any) -> Script:
    back = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": QUEUE}
    given = {name.replace("_", "-"): value for name, value in arguments.items()}
    return declared({**back, **given}, queue="retry")


def fed_with_dead_letters(script: Script) -> Script:
    arguments: Any = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "retry"}
    return script.client(commands.Queue.Declare(0, QUEUE, durable=True, arguments=arguments))


def copied(script: Script, expiration: str | None) -> Script:
    properties = commands.Basic.Properties(expiration=expiration)
    return script.client(commands.Basic.Publish(0, "", "retry"), body=b"task", properties=properties)


def test_a_retry_queue_that_goes_with_what_waits_on_it() -> None:
    assert not lets_wait(copied(retry_queue(x_message_ttl=1000, x_expires=500), None))
    assert not lets_wait(copied(retry_queue(x_expires=500), "500"))
    assert not lets_wait(copied(retry_queue(x_expires=500), None))
    assert not lets_wait(fed_with_dead_letters(retry_queue(x_expires=500)))
    assert not lets_wait(retry_queue(x_message_ttl=500, x_expires=500))


def test_a_retry_queue_that_outlives_what_waits_on_it() -> None:
    assert lets_wait(retry_queue(x_message_ttl=1000))
    assert lets_wait(copied(retry_queue(x_message_ttl=500, x_expires=1000), "2000"))
    assert lets_wait(copied(retry_queue(x_expires=1000), "500"))
    assert lets_wait(fed_with_dead_letters(retry_queue(x_message_ttl=500, x_expires=1000)))
    assert lets_wait(retry_queue(x_expires=500))


def test_a_queue_for_other_things_may_expire() -> None:
    assert lets_wait(declared({"x-expires": 100}, queue="replies"))
    elsewhere = {"x-expires": 100, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "other"}
    assert lets_wait(declared(elsewhere, queue="replies"))
