"""The broker as the rest of the workbench sees it, and the common part of the brokers that we start."""

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
from .definitions import Policy
from .handshake import Greeting, await_greeting
from .run import Run

UP_AND_DOWN = 4 * EVENTUALLY
"""Seconds that a broker may take to start, or to stop with its data flushed. It takes seconds, not milliseconds."""


class Broker(Protocol):
    """A broker that speaks AMQP 0-9-1, wherever it comes from.

    Every method raises SetupError if it fails: that ends the run, and is no verdict on a clause.
    """

    @property
    def kind(self) -> str:
        """`docker`, `local`, `cluster`, `garagemq` or `url`."""

    @property
    def address(self) -> Address:
        """Where it listens: each of its nodes, if it is a cluster. The address stays the same until `close`, after
        restarts too.
        """

    @property
    def virtual_host(self) -> str:
        """The virtual host to use if no virtual host can be made."""

    @property
    def product(self) -> str:
        """Its product name, from connection.start."""

    @property
    def version(self) -> str:
        """Its version, from connection.start."""

    @property
    def ours(self) -> bool:
        """Whether the run started it, and so may restart and kill it. A broker given by URL is not ours."""

    @property
    def evaluates(self) -> bool:
        """Whether it evaluates Erlang expressions: a RabbitMQ that is ours."""

    @property
    def starts_at_once(self) -> bool:
        """Whether it starts in a fraction of a second, so that each bench can have a broker of its own."""

    @property
    def can_make_virtual_hosts(self) -> bool:
        """Whether virtual hosts can be made and deleted."""

    def describe(self) -> str:
        """One line for the report: product, version, and where the broker comes from."""

    def restart(self) -> None:
        """Stops it gracefully and starts it again."""

    def stop(self) -> None:
        """Stops it gracefully, so that its data is flushed. Does nothing if it is down.

        Raises SetupError if that takes more than `UP_AND_DOWN` seconds; the broker was killed then.
        """

    def kill(self) -> None:
        """Kills it by SIGKILL, and returns when it has ended. Does nothing if it is down."""

    def start(self) -> None:
        """Starts it with its data, and returns when it answers by AMQP. Does nothing if it is up.

        Raises SetupError if that takes more than `UP_AND_DOWN` seconds.
        """

    def stop_application(self) -> None:
        """Stops RabbitMQ within its node: it closes its connections with 320, and then its port is gone.

        The node's process lives on, so this shows nothing about durability. It takes a fifth of a second. A broker
        without such a node is stopped as a whole.
        """

    def start_application(self) -> None:
        """Starts RabbitMQ within its node, and returns when AMQP answers. It takes a second; a node takes three."""

    def own_end(self) -> str:
        """How it ended, if it is ours and ended by itself: its last words. Empty if it is up, if it was stopped or
        killed, and if nobody can say.
        """

    def create_virtual_hosts(self, names: Sequence[str]) -> None:
        """Makes the virtual hosts that do not exist, with full permissions for the address's user."""

    def delete_virtual_hosts(self, names: Sequence[str]) -> None:
        """Deletes the virtual hosts that exist, with all that they hold."""

    def set_policies(self, virtual_host: str, policies: Sequence[Policy]) -> None:
        """Sets the policies in a virtual host that was made here. Queues that are declared later obey them."""

    def evaluate(self, expression: str) -> str:
        """The value of an Erlang expression (without the full stop) in the broker's node, as Erlang prints it.

        The expression may run more than once, so a second run must do no harm. Raises SetupError if the broker is
        down or the expression fails.
        """

    def evaluate_on_each_node(self, expression: str) -> None:
        """The same in every node, if the broker is a cluster: for what each node has for itself."""

    def handle(self) -> dict[str, str]:
        """What `attach` needs in another process of the run. It holds no secret."""

    def close(self) -> None:
        """Ends the broker and removes all that it left. An attached broker is not ended."""


class OwnBroker(ABC):
    """A broker that we started, so that we may end it."""

    kind: str
    address: Address
    product: str
    version: str
    virtual_host = "/"
    ours = True
    evaluates = False
    starts_at_once = False
    can_make_virtual_hosts: bool

    @abstractmethod
    def describe(self) -> str:
        """See `Broker.describe`."""

    @abstractmethod
    def stop(self) -> None:
        """See `Broker.stop`: gracefully, with its data flushed; nothing if it is down."""

    @abstractmethod
    def kill(self) -> None:
        """See `Broker.kill`: by SIGKILL, until it has ended; nothing if it is down."""

    @abstractmethod
    def start(self) -> None:
        """See `Broker.start`: until it answers by AMQP; nothing if it is up."""

    @abstractmethod
    def evaluate(self, expression: str) -> str:
        """See `Broker.evaluate`. Raises SetupError if the broker is down or the expression fails."""

    def evaluate_on_each_node(self, expression: str) -> None:
        """See `Broker.evaluate_on_each_node`: this broker is one node."""
        self.evaluate(expression)

    @abstractmethod
    def handle(self) -> dict[str, str]:
        """See `Broker.handle`: written by `write_handle`, so that secrets stay in a file."""

    @abstractmethod
    def close(self) -> None:
        """See `Broker.close`. Ends the broker only if this process opened it."""

    def restart(self) -> None:
        """Stops it gracefully and starts it again, with a new process."""
        self.stop()
        self.start()

    def stop_application(self) -> None:
        """Stops the whole broker."""
        self.stop()

    def start_application(self) -> None:
        """Starts the whole broker."""
        self.start()

    def own_end(self) -> str:
        """Not known."""
        return ""

    def _introduce(self, greeting: Greeting) -> None:
        self.product, self.version = greeting.product, greeting.version


class RabbitMqBroker(OwnBroker):
    """A RabbitMQ that we started: its node evaluates our expressions."""

    evaluates = True
    can_make_virtual_hosts = True

    def stop_application(self) -> None:
        """By the call that `rabbitmqctl stop_app` makes, when the node has booted."""
        self.evaluate(erlang.STOPPING_THE_APPLICATION)

    def start_application(self) -> None:
        """By the call that `rabbitmqctl start_app` makes."""
        self.evaluate("rabbit:start()")
        if await_greeting(self.address, alive=lambda: True, seconds=UP_AND_DOWN) is None:
            raise SetupError(
                f"RabbitMQ was started in its node and does not answer at {self.address.shown()}."
            )

    def create_virtual_hosts(self, names: Sequence[str]) -> None:
        """Makes the virtual hosts by one Erlang expression."""
        if names:
            self.evaluate(erlang.creating_virtual_hosts(names, self.address.user))

    def delete_virtual_hosts(self, names: Sequence[str]) -> None:
        """Deletes the virtual hosts by one Erlang expression."""
        if names:
            self.evaluate(erlang.deleting_virtual_hosts(names))

    def set_policies(self, virtual_host: str, policies: Sequence[Policy]) -> None:
        """Sets the policies by one Erlang expression."""
        if policies:
            self.evaluate(erlang.setting_policies(virtual_host, policies))


class NodeBroker(RabbitMqBroker):
    """A broker that is one node of RabbitMQ's, which may be a member of a cluster."""

    @abstractmethod
    def launch(self) -> None:
        """Starts the node with its data, and does not wait for it. Does nothing if it is up."""

    @abstractmethod
    def await_answer(self) -> Greeting:
        """Waits until the node answers by AMQP. Raises SetupError, with the end of its log, if it has ended or does
        not answer within `UP_AND_DOWN` seconds.
        """

    @abstractmethod
    def pause(self) -> None:
        """Stops the node's processes where they are: it does nothing more, and keeps its ports and connections."""

    @abstractmethod
    def resume(self) -> None:
        """Lets a paused node go on. Does nothing if it is not paused."""

    def start(self) -> None:
        """Launches it and waits for its answer."""
        self.launch()
        self.await_answer()


def own_folder(run: Run) -> Path:
    """A new folder for one broker, in the run's folder, readable by its owner alone."""
    folder = run.folder / f"broker-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    return folder


def write_handle(folder: Path, kind: str, state: Mapping[str, Any]) -> dict[str, str]:
    """Writes what another process must know to a file in the broker's folder, and returns the handle.

    Only the owner can read the file. The handle holds no secret.
    """
    file = folder / "handle.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(state))
    return {"kind": kind, "file": str(file)}


def read_handle(handle: Mapping[str, str]) -> dict[str, Any]:
    """The state that `write_handle` wrote."""
    state: dict[str, Any] = json.loads(Path(handle["file"]).read_text())
    return state
