"""Settings of a broker that is ours, changed for a while."""

import contextlib
from collections.abc import Iterator

from .broker import Broker
from .verdicts import NotJudged

_TIMEOUT = "consumer_timeout"
_LOOK = "channel_tick_interval"
"""How often a channel looks whether its time is up: once a minute by default."""


@contextlib.contextmanager
def acknowledgement_timeout(broker: Broker, milliseconds: int) -> Iterator[None]:
    """Who subscribes on a channel that is opened meanwhile has this long to acknowledge, instead of the usual
    30 minutes."""
    if not broker.controllable:
        raise NotJudged(f"the broker at {broker.address.shown()} is not ours to set")
    before = {name: broker.evaluate(f"application:get_env(rabbit, {name})") for name in (_TIMEOUT, _LOOK)}
    _set(broker, _TIMEOUT, str(milliseconds))
    _set(broker, _LOOK, str(milliseconds // 2))
    try:
        yield
    finally:
        for name, answer in before.items():
            _restore(broker, name, answer)


def _set(broker: Broker, name: str, value: str) -> None:
    broker.evaluate(f"application:set_env(rabbit, {name}, {value})")


def _restore(broker: Broker, name: str, answer: str) -> None:
    if answer == "undefined":
        broker.evaluate(f"application:unset_env(rabbit, {name})")
    else:
        _set(broker, name, answer.strip("{}").partition(",")[2].strip())
