"""Virtual hosts for one use each."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from workqueue_spec.broker import VirtualHosts


class Broker:
    """Remembers which virtual hosts there are."""

    def __init__(self) -> None:
        self.there: list[str] = []

    def create_virtual_hosts(self, names: Sequence[str]) -> None:
        self.there += names

    def delete_virtual_hosts(self, names: Sequence[str]) -> None:
        self.there = [name for name in self.there if name not in names]


def hosts(broker: Any, at_once: int) -> VirtualHosts:
    names: Iterator[str] = (f"h{number}" for number in itertools.count(1))
    return VirtualHosts(broker, names, at_once)


def test_each_is_used_once() -> None:
    pool = hosts(Broker(), 2)
    used = []
    for _ in range(5):
        with pool.fresh() as name:
            used.append(name)
    assert used == ["h1", "h2", "h3", "h4", "h5"]


def test_the_used_are_deleted_when_the_next_are_made_and_those_in_use_are_kept() -> None:
    broker = Broker()
    pool = hosts(broker, 2)
    with pool.fresh(), pytest.raises(ZeroDivisionError), pool.fresh():
        raise ZeroDivisionError
    with pool.fresh() as held, pool.fresh(), pool.fresh():
        assert broker.there == [held, "h4", "h5", "h6"]
    pool.delete_all()
    assert broker.there == []
