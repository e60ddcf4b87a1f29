"""What every part of a bench works with: the virtual host, the history, and what the parties have open."""

import random
from collections.abc import Callable
from typing import Any

from ..broker import Broker
from ..broker.control import Control
from ..judgement.history import History
from ..judgement.ledger import Ledger
from ..judgement.tasks import Task
from ..judgement.topology import with_definitions
from ..programs.envelope import Message, plain
from ..wiretap import Capture
from .parties import Client, PlainClient, Program, Service
from .resources import Resources
from .setting import Setting, VirtualHost


class World:
    """The world of one test: a virtual host of its own, and the history of what happens there."""

    def __init__(
        self,
        setting: Setting,
        broker: Broker,
        host: VirtualHost,
        *,
        name: str,
        test: str,
        wrap: Callable[[str], Message] = plain,
        capture: Capture | None = None,
        any_queue: bool = False,
    ) -> None:
        """`name` is the bench's own in the run, `test` that of the test, or of the case that it is for. What the
        bench sends is drawn by the run's seed and the `test`. `wrap` makes the message that carries a task's
        text, if the program's profile does not say what carries a task. What passes the taps goes into `capture`;
        its maker closes it. With `any_queue` the queue under test is drawn from those of the worker; otherwise it
        is the first of them.
        """
        self.setting = setting
        self.test = test
        self.broker = broker
        self.history = History()
        self.control = Control(host.address, host.name)
        self.random = random.Random(f"{setting.seed} {test}")
        queues = setting.subject.queues
        drawn = random.Random(f"{setting.seed} {test} queue").choice(queues)
        self.subject = setting.subject.on_queue(drawn if any_queue else queues[0])
        self._wrap = wrap
        self._host = host
        self._loaded = False
        self._resources = Resources(setting, host, name, self.history, capture)
        self._clients: list[Client | PlainClient] = []
        self._services: list[Service] = []
        self._service: Service | None = None
        """The service that is asked for tasks, if no fault is to be made."""
        self._tasks: list[Task] = []
        self._leaving: list[Program] = []
        """Programs that have ended, and whose taps are not closed yet."""
        self.details: dict[str, Any] = {}
        """What the test found out beside its verdict, as JSON has it. The JSON report shows it with the clause."""

    def load_definitions(self) -> None:
        """Makes what somebody else makes before the programs come, if that was not done yet."""
        definitions = self.subject.definitions
        if definitions is None or self._loaded:
            return
        self._loaded = True
        self.broker.set_policies(self._host.name, definitions.policies)
        with self.control.channel() as channel:
            definitions.declare(channel)
        self.history.add("suite", "loaded", f"definitions: {definitions.describe()}")

    @property
    def ledger(self) -> Ledger:
        """What all the parties did so far with the queue under test, and with the worker's other queues."""
        return self.history.ledger().about(*self.subject.queues)

    def known(self, ledger: Ledger) -> Ledger:
        """The ledger, and in it what definitions make of queues and exchanges."""
        return with_definitions(ledger, self.subject.definitions)
