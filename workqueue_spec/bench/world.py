"""What every part of a bench works with: the virtual host, the history, and what the parties have open."""

import random
from collections.abc import Callable

from ..broker import Broker
from ..broker.control import Control
from ..judgement.history import History
from ..judgement.ledger import Ledger
from ..judgement.tasks import Task
from ..programs.envelope import Message, plain
from ..wiretap import Capture
from .parties import Client
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
    ) -> None:
        """`name` is the bench's own in the run, `test` that of the test, or of the case that it is for. What the
        bench sends is drawn by the run's seed and the `test`. `wrap` makes the message that carries a task's text,
        if the program's profile does not say what carries a task. What passes the taps goes into `capture`; its maker
        closes it.
        """
        self.setting = setting
        self.test = test
        self.subject = setting.subject
        self.broker = broker
        self.history = History()
        self.control = Control(host.address, host.name)
        self.random = random.Random(f"{setting.seed} {test}")
        self._wrap = wrap
        self._resources = Resources(setting, host, name, self.history, capture)
        self._clients: list[Client] = []
        self._tasks: list[Task] = []

    @property
    def ledger(self) -> Ledger:
        """What all the parties did so far with the queue under test."""
        return self.history.ledger().about(self.subject.queue)
