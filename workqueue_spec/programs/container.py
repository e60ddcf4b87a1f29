"""A program in a container of an image, on this machine's network, since the taps listen on the loopback interface.

The container's main process is the program: no shell and no init is added, as with `docker run` and in Kubernetes.
What is imported from Docker's packages is imported late, since most programs run without it.
"""

import contextlib
import secrets
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import SetupError
from ..timeouts import EVENTUALLY

if TYPE_CHECKING:
    from testcontainers.core.docker_client import DockerClient

_INSTEAD = "leave out `image`, so that the commands run on this machine"


def provide(image: str) -> None:
    """Pulls the image unless the engine has it.

    Raises SetupError if no engine of this machine answers, or if the image cannot be pulled.
    """
    from ..broker.engine import provide_image  # noqa: PLC0415

    with _connected() as client:
        provide_image(client, image, instead=_INSTEAD)


class Container:
    """A container that runs one command of a program."""

    def __init__(
        self,
        image: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        run_name: str,
        *,
        terminal: bool = False,
        held_open: bool = False,
    ) -> None:
        """Starts a container that carries the label of the run. Its entry point is the image's, its command is the
        `command`, or the image's if that is empty. Its standard input is as for `ProcessGroup`.

        Raises SetupError if it cannot be started.
        """
        from docker.errors import DockerException  # noqa: PLC0415

        from ..broker.engine import LABEL, short  # noqa: PLC0415

        self._connection = contextlib.ExitStack()
        client = self._connection.enter_context(_connected())
        self._gone = DockerException
        try:
            self._container = client.client.containers.create(
                image,
                list(command) or None,
                name=f"workqueue-spec-{secrets.token_hex(4)}",
                environment=dict(environment),
                labels={LABEL: run_name},
                network_mode="host",
                tty=terminal,
                stdin_open=terminal or held_open,
            )
        except DockerException as error:
            self._connection.close()
            raise SetupError(f"No container of {image} can be made ({short(error)}).") from error
        try:
            self._output: Iterator[bytes] = iter(self._container.attach(stream=True, logs=True))
            self._container.start()
            self._container.reload()
        except DockerException as error:
            self._remove()
            self._connection.close()
            what = f"{command[0]!r}" if command else "the image's own command"
            raise SetupError(f"Cannot start {what} in a container of {image} ({short(error)}).") from error
        self.pid: int = self._container.attrs["State"]["Pid"]
        """The id, on this machine, of the container's main process; 0 if it has ended already."""
        self._status: int | None = None
        self._waited = threading.Event()

    @property
    def status(self) -> int | None:
        """The exit status, 128 and the number for a signal; None while it runs."""
        return self._status

    def wait(self) -> int:
        """Waits until the container has ended. Returns its exit status."""
        try:
            self._status = int(self._container.wait(timeout=None)["StatusCode"])
        except (self._gone, OSError):  # it was removed meanwhile
            self._status = 128 + signal.SIGKILL
        self._waited.set()
        return self._status

    def read(self) -> bytes:
        """The next piece of its output; empty at the end."""
        try:
            return next(self._output, b"")
        except (self._gone, OSError):
            return b""

    def signal(self, number: signal.Signals) -> None:
        """Has the engine signal the container's main process; SIGKILL ends all of its processes."""
        with contextlib.suppress(self._gone):
            self._container.kill(signal=number.name)

    def end(self) -> None:
        """Kills and removes the container, with its volumes, and closes the connection to the engine."""
        self._remove()
        self._waited.wait(EVENTUALLY)
        self._connection.close()

    def close(self) -> None:
        """Does nothing: the output ends with the container."""

    def _remove(self) -> None:
        with contextlib.suppress(self._gone, OSError):
            self._container.remove(force=True, v=True)


@contextlib.contextmanager
def _connected() -> Iterator["DockerClient"]:
    """A client of this machine's engine. Raises SetupError if none answers, or if it is another machine's."""
    from ..broker import engine  # noqa: PLC0415

    with engine.connected(instead=_INSTEAD) as client:
        if not engine.is_of_this_machine(client):
            raise SetupError(
                f"The container engine is on {client.host()}, and programs in containers must be on this machine, "
                f"where the suite listens; use this machine's engine, or {_INSTEAD}."
            )
        yield client
