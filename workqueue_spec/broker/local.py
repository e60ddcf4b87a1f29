"""A RabbitMQ node on this machine that we start: as any user, on loopback only, in a folder of its own."""

import secrets
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from . import erlang, installation
from .address import Address
from .base import UP_AND_DOWN, NodeBroker, own_folder, read_handle, write_handle
from .handshake import Greeting
from .installation import Installation
from .ports import free_ports
from .run import Run
from .server import LOOPBACK, Server, with_free_ports

_DISTRIBUTION_ON_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"
_PORT_TAKEN = ("eaddrinuse", "dist_port_already_used")

_CONFIGURATION = """\
listeners.tcp.1 = {loopback}:{port}
loopback_users.guest = true
log.file.level = info
disk_free_limit.absolute = 50MB
vm_memory_high_watermark.relative = 0.4
"""


@dataclass(frozen=True)
class Node:
    """A node's name, ports and folder: all that another process must know to use it."""

    name: str
    port: int
    distribution_port: int
    epmd_port: int
    folder: str
    arguments: str = ""
    """More arguments for Erlang: those that make the node a member of a cluster."""

    @classmethod
    def new(cls, folder: Path) -> Self:
        """A node with a name and ports that no other node has."""
        port, distribution_port, epmd_port = free_ports(3)
        name = f"workqueue-{secrets.token_hex(4)}@localhost"
        return cls(name, port, distribution_port, epmd_port, str(folder))

    @classmethod
    def members(cls, folders: Sequence[Path], arguments: Callable[[Sequence[str]], str]) -> list[Self]:
        """Nodes that can find each other. `arguments` makes Erlang's arguments from the names of all of them."""
        epmd_port, *ports = free_ports(1 + 2 * len(folders))
        cluster = secrets.token_hex(4)
        names = [f"workqueue-{cluster}-{number}@localhost" for number, _ in enumerate(folders, 1)]
        more = arguments(names)
        return [
            cls(name, ports.pop(), ports.pop(), epmd_port, folder=str(folder), arguments=more)
            for name, folder in zip(names, folders, strict=True)
        ]

    @property
    def log(self) -> Path:
        """RabbitMQ's own log file."""
        return Path(self.folder, "log", "rabbit.log")

    def prepare(self, cookie: str) -> None:
        """Fills the folder: the configuration, an empty list of plugins, and the Erlang cookie."""
        home = Path(self.folder)
        home.mkdir(mode=0o700, exist_ok=True)
        (home / "rabbitmq.conf").write_text(_CONFIGURATION.format(loopback=LOOPBACK, port=self.port))
        (home / "enabled_plugins").write_text("[].\n")
        (home / "none").mkdir(exist_ok=True)
        kept = home / ".erlang.cookie"
        kept.touch(mode=0o600)
        kept.write_text(cookie)
        kept.chmod(0o400)

    def variables(self) -> dict[str, str]:
        """The variables with which RabbitMQ's programs use this node and none of the system's configuration."""
        home = Path(self.folder)
        return {
            "HOME": self.folder,
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self.epmd_port),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_DISTRIBUTION_ON_LOOPBACK} {self.arguments}".rstrip(),
            "RABBITMQ_CTL_ERL_ARGS": _DISTRIBUTION_ON_LOOPBACK,
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(self.log.parent),
            "RABBITMQ_LOGS": str(self.log),
            "RABBITMQ_PID_FILE": str(home / "pid-of-rabbitmq"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(home / "none"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "none" / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none" / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            # The server's script then becomes the node by exec, so that signals to its process reach the node.
            "RUNNING_UNDER_SYSTEMD": "true",
        }


class LocalBroker(NodeBroker):
    """A local node. It owns the node and its folder if it was opened, not if it was attached."""

    kind = "local"

    def __init__(self, node: Node, programs: Installation, run: Run, *, owner: bool) -> None:
        self.address = Address(LOOPBACK, node.port, "guest", "guest")
        self._node = node
        self._programs = programs
        self._run = run
        self._owner = owner
        self._server = Server(Path(node.folder), "RABBITMQ_NODENAME", node.name, port_taken=_PORT_TAKEN)

    @classmethod
    def open(cls, run: Run) -> "LocalBroker":
        """A new node that is up. Raises SetupError with the end of its log if it does not start."""
        (broker,) = cls._open(lambda: [Node.new(own_folder(run))], run)
        return broker

    @classmethod
    def open_members(cls, number: int, arguments: Callable[[Sequence[str]], str], run: Run) -> list[Self]:
        """So many new nodes that are up, and can find each other. `arguments` makes Erlang's arguments from the
        names of all of them. Raises SetupError with the end of a log if a node does not start.
        """
        return cls._open(lambda: Node.members([own_folder(run) for _ in range(number)], arguments), run)

    @classmethod
    def _open(cls, new_nodes: Callable[[], list[Node]], run: Run) -> list[Self]:
        programs = installation.find()

        def opened() -> list[Self]:
            brokers = [cls(node, programs, run, owner=True) for node in new_nodes()]
            cookie = secrets.token_hex(20)
            try:
                for broker in brokers:
                    broker._node.prepare(cookie)
                brokers[0]._start_epmd()
                for broker in brokers:
                    broker.launch()
                for broker in brokers:
                    broker._introduce(broker.await_answer())
            except BaseException:
                for broker in brokers:
                    broker.close()
                raise
            return brokers

        return with_free_ports(opened)

    @classmethod
    def attach(cls, handle: Mapping[str, str], run: Run) -> Self:
        """The node that another process of the run opened."""
        state = read_handle(handle)
        broker = cls(Node(**state["node"]), installation.find(), run, owner=False)
        broker._introduce(Greeting(state["product"], state["version"]))
        return broker

    def handle(self) -> dict[str, str]:
        """Names the file with the node's state."""
        state = {"node": asdict(self._node), "product": self.product, "version": self.version}
        return write_handle(Path(self._node.folder), self.kind, state)

    def describe(self) -> str:
        """Says that it is a local node."""
        return f"{self.product} {self.version}, local node"

    def launch(self) -> None:
        """Starts the node again in its folder, on the same ports."""
        if self._server.process is None:
            self._server.launch([self._programs.server], self._environment())

    def await_answer(self) -> Greeting:
        """Waits for the node. Raises SetupError with the end of its log if it has ended, or does not answer."""
        return self._server.await_answer(self.address, self._node.log)

    def stop(self) -> None:
        """Sends TERM to the node. Raises SetupError if the node had to be killed, or ended with a failure."""
        self._server.stop(UP_AND_DOWN)

    def kill(self) -> None:
        """Kills the node with all its child processes."""
        self._server.kill()

    def pause(self) -> None:
        """Sends STOP to the node, and waits until it has stopped."""
        self._server.pause()

    def resume(self) -> None:
        """Sends CONT to the node."""
        self._server.resume()

    def evaluate(self, expression: str) -> str:
        """Runs `erl_call`, or `rabbitmqctl eval` if this machine's Erlang has no `erl_call`."""
        programs = self._programs
        if programs.erl_call is None:
            return self._run_program(programs.control, "-q", "eval", f"{expression}.")
        # A node refuses a second caller of the same name, even for a moment after the first has ended. The
        # cookie is read from HOME: every user of the machine could see it among the arguments.
        caller = f"caller-{secrets.token_hex(4)}"
        command = (programs.erl_call, "-h", caller, "-sname", self._node.name, "-e")
        return erlang.answer(self._run_program(*command, text=f"{expression}.\n"))

    def close(self) -> None:
        """Kills every process of the node and removes its folder if this process opened it."""
        if self._owner:
            self._server.close()

    def _start_epmd(self) -> None:
        """Starts Erlang's port mapper as our child process: a node that finds none starts one, and leaves it."""
        if self._programs.epmd:
            command = (self._programs.epmd, "-address", LOOPBACK, "-port", str(self._node.epmd_port))
            self._server.start_beside(command, self._environment())

    def _run_program(self, *command: str | Path, text: str = "") -> str:
        if self._server.process is None:
            raise erlang.failed("it is down")
        try:
            done = subprocess.run(
                command,
                cwd=self._node.folder,
                env=self._environment(),
                input=text,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=UP_AND_DOWN,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise erlang.failed(f"no answer within {UP_AND_DOWN:.0f} s") from error
        if done.returncode:
            raise erlang.failed(done.stderr or done.stdout)
        return done.stdout.strip()

    def _environment(self) -> dict[str, str]:
        return {**self._programs.environment(), **self._node.variables(), **self._run.environment()}
