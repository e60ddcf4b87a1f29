"""Fresh virtual hosts at one broker, each for one use."""

import contextlib
import itertools
from collections.abc import Iterator

from workqueue_spec.broker.base import Broker


class VirtualHosts:
    """They are made several at a time. Those that were used are deleted when the next are made: the more there
    are, the longer the next takes (0.03 CPU seconds at first, 0.5 beside 300 others), and so does a restart.
    """

    def __init__(self, broker: Broker, names: Iterator[str], at_once: int) -> None:
        self._broker, self._names, self._at_once = broker, names, at_once
        self._fresh: list[str] = []
        self._used: list[str] = []

    @contextlib.contextmanager
    def fresh(self) -> Iterator[str]:
        """One that nobody has used, by its name."""
        if not self._fresh:
            self._broker.delete_virtual_hosts(self._used)
            self._used.clear()
            self._fresh += itertools.islice(self._names, self._at_once)
            self._broker.create_virtual_hosts(self._fresh)
        name = self._fresh.pop(0)
        try:
            yield name
        finally:
            self._used.append(name)

    def delete_all(self) -> None:
        """Deletes those that were used, and those that were not."""
        self._broker.delete_virtual_hosts([*self._used, *self._fresh])
