"""A broker in a container of its own, on a port that stays the same after a stop, a kill and a start."""

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self

from docker.errors import APIError, DockerException, NotFound
from testcontainers.community.rabbitmq import RabbitMqContainer
from testcontainers.core.docker_client import DockerClient

from ..errors import SetupError
from . import engine, erlang
from .address import Address
from .base import UP_AND_DOWN, NodeBroker, own_folder, read_handle, write_handle
from .handshake import Greeting, await_greeting
from .ports import free_ports
from .run import Run
from .transcript import last_lines_of

_AMQP = 5672
_TRIES_FOR_PORTS = 5
_PORT_TAKEN = ("already allocated", "address already in use")
_KILLED = 137
_LINES_OF_LOG = 40
_TRIES_FOR_AN_ANSWER = 5
"""How often an expression is run if its output is lost: a busy engine loses all that a command printed, once in
hundreds of times (https://github.com/moby/moby/issues/27289)."""

_EVALUATE = """\
if command -v erl_call >/dev/null
then
    export HOME=/var/lib/rabbitmq
    printf '%s.\\n' "$1" | erl_call ${RABBITMQ_ERLANG_COOKIE:+-c "$RABBITMQ_ERLANG_COOKIE"} \\
        -h "caller-$$" -sname "${RABBITMQ_NODENAME:-rabbit}" -e
else value=$(rabbitmqctl -q eval "$1.") && printf '{ok, %s}' "$value"
fi
"""
"""Runs in the container. The cookie is that of the cluster, or else it is read from HOME. Each caller has a name of
its own, since a node refuses a second caller of the same name."""


@dataclass(frozen=True)
class Placed:
    """A container's name, its image, and the host and port that its AMQP listener is published at."""

    name: str
    image: str
    host: str
    port: int
    network: str | None = None
    """The network that it shares with the other members of its cluster."""


class ContainerBroker(NodeBroker):
    """A broker in a container. It owns the container if it was opened, not if it was attached."""

    kind = "docker"

    def __init__(self, client: DockerClient, placed: Placed, folder: Path, *, owner: bool) -> None:
        self.address = Address(placed.host, placed.port, "guest", "guest")
        self._client = client
        self._container = client.client.containers.get(placed.name)
        self._placed = placed
        self._folder = folder
        self._owner = owner

    @classmethod
    def open(cls, image: str, run: Run) -> Self:
        """A new container whose broker is up. Raises SetupError, with the end of its log if it has one."""
        (broker,) = cls._open(image, [_name()], run)
        return broker

    @classmethod
    def open_members(
        cls, number: int, image: str, arguments: Callable[[Sequence[str]], str], run: Run
    ) -> list[Self]:
        """So many new containers, on a network of their own, whose brokers are up and can find each other.
        `arguments` makes Erlang's arguments from the names of the nodes. Raises SetupError, with the end of a log.
        """
        cluster = _name()
        names = [f"{cluster}-{each}" for each in range(1, number + 1)]
        environment = {
            "RABBITMQ_ERLANG_COOKIE": secrets.token_hex(20),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": arguments([f"rabbit@{each}" for each in names]),
        }
        with engine.connected() as client:
            try:
                client.client.networks.create(cluster, labels={engine.LABEL: run.name})
            except DockerException as error:
                refusal = f"No network can be made for a cluster ({engine.short(error)})."
                raise SetupError(refusal) from error
            try:
                return cls._open(image, names, run, cluster, environment)
            except BaseException:
                _remove_network(client, cluster)
                raise

    @classmethod
    def _open(
        cls,
        image: str,
        names: Sequence[str],
        run: Run,
        network: str | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Self]:
        brokers = []
        try:
            for name in names:
                client, folder = engine.connect(), own_folder(run)
                try:
                    engine.provide_image(client, image)
                    placed = _place(client, image, name, run, network=network, environment=environment)
                    brokers.append(cls(client, placed, folder, owner=True))
                except BaseException:
                    _remove(client, name)
                    client.client.close()
                    shutil.rmtree(folder, ignore_errors=True)
                    raise
            for broker in brokers:
                broker._introduce(broker.await_answer())
        except BaseException:
            for broker in brokers:
                broker.close()
            raise
        return brokers

    @classmethod
    def attach(cls, handle: Mapping[str, str]) -> Self:
        """The broker in a container that another process of the run opened."""
        state = read_handle(handle)
        folder = Path(handle["file"]).parent
        broker = cls(engine.connect(), Placed(**state["placed"]), folder, owner=False)
        broker._introduce(Greeting(state["product"], state["version"]))
        return broker

    def handle(self) -> dict[str, str]:
        """Names the container and the file with its state."""
        state = {"placed": asdict(self._placed), "product": self.product, "version": self.version}
        return write_handle(self._folder, self.kind, state)

    def describe(self) -> str:
        """Names the image."""
        return f"{self.product} {self.version}, container {self._placed.image}"

    def launch(self) -> None:
        """Starts the same container again, on the same port."""
        if not self._is_running():
            self._container.start()

    def await_answer(self) -> Greeting:
        """Waits for the broker in it. Raises SetupError with the end of its log."""
        greeting = await_greeting(self.address, alive=self._is_running, seconds=UP_AND_DOWN)
        if greeting is None:
            log = self._container.logs(tail=_LINES_OF_LOG).decode(errors="replace")
            raise SetupError(f"The broker in {self._placed.image} did not start.{last_lines_of(log)}")
        return greeting

    def stop(self) -> None:
        """Has the engine send TERM. Raises SetupError if the engine had to kill it after `UP_AND_DOWN` seconds."""
        if not self._is_running():
            return
        self._container.stop(timeout=int(UP_AND_DOWN))
        self._container.reload()
        if self._container.attrs["State"]["ExitCode"] == _KILLED:
            image, seconds = self._placed.image, int(UP_AND_DOWN)
            raise SetupError(
                f"The broker in {image} did not stop on SIGTERM within {seconds} s, and was killed."
            )

    def kill(self) -> None:
        """Has the engine send KILL, and waits for the container's end."""
        if self._is_running():
            self._container.kill()
            self._container.wait()

    def pause(self) -> None:
        """Has the engine freeze the container."""
        if self._is_running():
            self._container.pause()

    def resume(self) -> None:
        """Has the engine thaw the container."""
        self._container.reload()
        if self._container.attrs["State"]["Paused"]:
            self._container.unpause()

    def evaluate(self, expression: str) -> str:
        """See `Broker.evaluate`. An expression has at most 128 KiB, as any argument on Linux.

        It is run again if the engine lost the output. Raises SetupError if the output is lost five times.
        """
        if not self._is_running():
            raise erlang.failed("it is down")
        command = ["sh", "-c", _EVALUATE, "sh", expression]
        for _ in range(_TRIES_FOR_AN_ANSWER):
            status, output = self._container.exec_run(command)
            text = output.decode(errors="replace")
            if status:
                raise erlang.failed(text)
            if text:
                break
        return erlang.answer(text)

    def close(self) -> None:
        """Removes the container and its volumes if this process opened it, and with the last of a cluster the
        cluster's network.
        """
        if self._owner:
            _remove(self._client, self._placed.name)
            if self._placed.network is not None:
                _remove_network(self._client, self._placed.network)
            shutil.rmtree(self._folder, ignore_errors=True)
        self._client.client.close()

    def _is_running(self) -> bool:
        self._container.reload()
        return bool(self._container.attrs["State"]["Running"])


class _Container(RabbitMqContainer):
    """The container of testcontainers, without its readiness probe: `await_greeting` waits for the broker."""

    def readiness_probe(self) -> bool:
        return True


def _name() -> str:
    return f"workqueue-spec-{secrets.token_hex(4)}"


def _place(
    client: DockerClient,
    image: str,
    name: str,
    run: Run,
    *,
    network: str | None,
    environment: Mapping[str, str],
) -> Placed:
    """Starts the container on a free port. Raises SetupError if the engine does not start it."""
    reach = engine.reach(client)
    for tries_left in reversed(range(_TRIES_FOR_PORTS)):
        (port,) = free_ports(1)
        container = _Container(image, _AMQP, "guest", "guest", "/", name=name)
        of_cluster = {} if network is None else {"network": network}
        hostname = "broker" if network is None else name  # the members find each other by these names
        container.with_kwargs(hostname=hostname, labels={engine.LABEL: run.name}, **of_cluster)
        for variable, value in environment.items():
            container.with_env(variable, value)
        # The type in testcontainers allows no interface, but the engine's client, which gets the pair, does.
        container.ports[str(_AMQP)] = (reach.interface, port)  # type: ignore[assignment]
        try:
            container.start()
        except DockerException as error:
            taken = isinstance(error, APIError) and any(phrase in str(error) for phrase in _PORT_TAKEN)
            if not (taken and tries_left):
                refusal = f"No container of {image} can be started ({engine.short(error)})."
                raise SetupError(refusal) from error
            _remove(client, name)
        else:
            return Placed(name, image, reach.host, port, network)
        finally:
            container.get_docker_client().client.close()
    raise AssertionError("the last try returns or raises")


def _remove(client: DockerClient, name: str) -> None:
    """Removes the container, running or not, and its anonymous volumes."""
    with suppress(NotFound):
        client.client.containers.get(name).remove(force=True, v=True)


def _remove_network(client: DockerClient, name: str) -> None:
    """Removes the network, unless a container uses it."""
    with suppress(APIError):
        client.client.networks.get(name).remove()
