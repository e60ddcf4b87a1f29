"""The broker's limits, lowered for a while. They hold for the whole broker, so it must be one of our own."""

import contextlib
import re
from collections.abc import Iterator

from .broker import Broker
from .verdicts import NotJudged

_LOWEST = "0.0000001"
"""A share of the memory that any broker uses more of."""


@contextlib.contextmanager
def memory_alarm(broker: Broker) -> Iterator[None]:
    """The broker's memory alarm is on: it takes nothing from those who publish."""
    usual = broker.evaluate("vm_memory_monitor:get_vm_memory_high_watermark()")
    _watermark(broker, _LOWEST)
    try:
        if "memory" not in broker.evaluate(_ALARMS):
            raise NotJudged("the broker raises no memory alarm, though it may use no memory")
        yield
    finally:
        _watermark(broker, usual)
        # The alarm is off when this is answered: the node's alarms are dealt with one after the other.
        broker.evaluate(_ALARMS)


_ALARMS = "rabbit_alarm:get_alarms()"


def _watermark(broker: Broker, value: str) -> None:
    broker.evaluate(f"vm_memory_monitor:set_vm_memory_high_watermark({value})")


@contextlib.contextmanager
def largest_message(broker: Broker, size: int) -> Iterator[None]:
    """The broker takes no message of more than that many bytes, on channels that are opened meanwhile."""
    # To 3.x it is the application's setting; from 4.0 it is read from a persistent term, made at the start.
    usual = broker.evaluate(
        "{application:get_env(rabbit, max_message_size, none), persistent_term:get(max_message_size, none)}"
    )
    found = re.fullmatch(r"\{(\d+),\s*(\w+)\}", usual)
    if found is None:
        raise NotJudged(f"the broker does not tell its largest message, but {usual[:80]}")
    setting, term = found.groups()
    _largest(broker, str(size), str(size))
    try:
        yield
    finally:
        _largest(broker, setting, term)


def _largest(broker: Broker, setting: str, term: str) -> None:
    changed = (
        "persistent_term:erase(max_message_size)"
        if term == "none"
        else f"persistent_term:put(max_message_size, {term})"
    )
    broker.evaluate(f"application:set_env(rabbit, max_message_size, {setting}), {changed}")
