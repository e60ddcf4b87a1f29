"""What a broker is to the rest of the workbench, and what every broker that we started has in common."""

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..errors import SetupError
from ..timeouts import EVENTUALLY
from . import erlang
from .address import Address
from .handshake import Greeting, await_greeting
from .run import Run

UP_AND_DOWN = 4 * EVENTUALLY
"""Seconds that a broker may take to come up, or to stop with its data flushed: seconds, not milliseconds."""


class Broker(Protocol):
    """A RabbitMQ, wherever it comes from.

    What fails here raises SetupError: it ends the run, and is no verdict on a clause.
    """

    @property
    def kind(self) -> str:
        """`docker`, `local` or `url`."""

    @property
    def address(self) -> Address:
        """Where it listens: the same for as long as it is open, over restarts too."""

    @property
    def virtual_host(self) -> str:
        """The virtual host to use where none can be made."""

    @property
    def product(self) -> str:
        """Its name, from connection.start."""

    @property
    def version(self) -> str:
        """Its version, from connection.start."""

    @property
    def controllable(self) -> bool:
        """Whether it may be restarted, killed and evaluated in: not so with one given by URL."""

    @property
    def can_make_virtual_hosts(self) -> bool:
        """Whether virtual hosts can be made and deleted."""

    def describe(self) -> str:
        """One line for the report."""

    def restart(self) -> None:
        """Stops it gracefully and starts it."""

    def stop(self) -> None:
        """Stops it gracefully: its data is flushed. Nothing happens where it is down."""

    def kill(self) -> None:
        """Ends it at once by SIGKILL, and returns when it is gone. Nothing happens where it is down."""

    def start(self) -> None:
        """Brings it up with its data, and returns when AMQP answers. Nothing happens where it is up."""

    def stop_application(self) -> None:
        """Stops RabbitMQ within its node: it closes its connections with 320, and then its port is gone.

        The node's process lives on, so this shows nothing about durability. It takes a fifth of a second.
        """

    def start_application(self) -> None:
        """Starts RabbitMQ within its node, and returns when AMQP answers. It takes a second; a node takes three."""

    def create_virtual_hosts(self, names: Sequence[str]) -> None:
        """Makes them, with full permissions for the address's user. One that is there is kept."""

    def delete_virtual_hosts(self, names: Sequence[str]) -> None:
        """Deletes them with all they hold. One that is not there is none to delete."""

    def evaluate(self, expression: str) -> str:
        """The value of an Erlang expression (no full stop at its end) in the node, as Erlang writes it.

        It may be run more than once, so it has to have the same effect then.
        """

    def handle(self) -> dict[str, str]:
        """What `attach` needs in another process of the run. It holds no secret."""

    def close(self) -> None:
        """Ends it with everything it left. An attached view ends nothing."""


class ControllableBroker(ABC):
    """A broker that we started: its node runs our expressions, and we may end it."""

    kind: str
    address: Address
    product: str
    version: str
    virtual_host = "/"
    controllable = True
    can_make_virtual_hosts = True

    @abstractmethod
    def describe(self) -> str: ...

    @abstractmethod
    def stop(self) -> None: ...

    @abstractmethod
    def kill(self) -> None: ...

    @abstractmethod
    def start(self) -> None: ...

    @abstractmethod
    def evaluate(self, expression: str) -> str: ...

    @abstractmethod
    def handle(self) -> dict[str, str]: ...

    @abstractmethod
    def close(self) -> None: ...

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop_application(self) -> None:
        """By the call that `rabbitmqctl stop_app` makes."""
        self.evaluate("rabbit:stop()")

    def start_application(self) -> None:
        """By the call that `rabbitmqctl start_app` makes."""
        self.evaluate("rabbit:start()")
        if await_greeting(self.address, alive=lambda: True, seconds=UP_AND_DOWN) is None:
            raise SetupError(f"RabbitMQ was started in its node and does not answer at {self.address.shown()}.")

    def create_virtual_hosts(self, names: Sequence[str]) -> None:
        if names:
            self.evaluate(erlang.creating_virtual_hosts(names, self.address.user))

    def delete_virtual_hosts(self, names: Sequence[str]) -> None:
        if names:
            self.evaluate(erlang.deleting_virtual_hosts(names))

    def _introduce(self, greeting: Greeting) -> None:
        self.product, self.version = greeting.product, greeting.version


def own_folder(run: Run) -> Path:
    """A new folder in the run's, for one broker, readable by its owner alone."""
    folder = run.folder / f"broker-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    return folder


def write_handle(folder: Path, kind: str, state: Mapping[str, Any]) -> dict[str, str]:
    """Puts what another process must know into a file in the broker's folder. Secrets stay there."""
    file = folder / "handle.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(state))
    return {"kind": kind, "file": str(file)}


def read_handle(handle: Mapping[str, str]) -> dict[str, Any]:
    """The state that `write_handle` put away."""
    state: dict[str, Any] = json.loads(Path(handle["file"]).read_text())
    return state
