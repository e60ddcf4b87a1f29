"""A virtual host for each bench of this process."""

import contextlib
import itertools
from collections.abc import Iterator

from ..bench.setting import VirtualHost
from ..bench.shared_vhost import shared_vhost
from ..broker import Broker
from ..wiretap import LoopThread

_MADE_AT_ONCE = 12
"""Virtual hosts that are made in one call to the broker: enough that each costs little, and few enough that the
first test does not wait for them."""


class VirtualHosts:
    """Makes virtual hosts, several at once. If the broker allows none, benches share one, each with a prefix."""

    def __init__(self, loop_thread: LoopThread, prefix: str, *, most: int) -> None:
        """Each name begins with the prefix. `most` is how many are needed at most."""
        self._loop_thread = loop_thread
        self._names = (f"{prefix}-{number}" for number in itertools.count(1))
        self._at_once = min(_MADE_AT_ONCE, most)
        self._unused: dict[int, list[str]] = {}
        self._made: list[tuple[Broker, tuple[str, ...]]] = []

    @contextlib.contextmanager
    def fresh(self, broker: Broker) -> Iterator[tuple[VirtualHost, str]]:
        """A virtual host with nothing in it, and a name that no other bench has."""
        if not broker.can_make_virtual_hosts:
            name = self.next_name()
            with shared_vhost(self._loop_thread, broker, f"{name}-") as address:
                yield VirtualHost(address, broker.virtual_host), name
            return
        unused = self._unused.setdefault(id(broker), [])
        if not unused:
            unused += itertools.islice(self._names, self._at_once)
            broker.create_virtual_hosts(unused)
            self._made.append((broker, tuple(unused)))
        name = unused.pop(0)
        yield VirtualHost(broker.address, name), name

    def next_name(self) -> str:
        """A name that no other bench has."""
        return next(self._names)

    def delete(self) -> None:
        """Deletes the virtual hosts that were made. If the broker lives on, each makes its restart slower."""
        for broker, names in self._made:
            broker.delete_virtual_hosts(names)
