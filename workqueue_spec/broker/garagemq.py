"""GarageMQ on this machine, which we start: as any user, on loopback only, in a folder of its own.

It has one virtual host, and nothing can make another one while it runs. But it is up in a tenth of a second, so
each bench can have a GarageMQ of its own.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from ..errors import SetupError
from . import debian
from .address import Address
from .base import UP_AND_DOWN, OwnBroker, own_folder, read_handle, write_handle
from .debian import Package
from .definitions import Policy
from .handshake import Greeting
from .ports import free_ports
from .run import Run
from .server import LOOPBACK, Server, with_free_ports
from .transcript import printable

_PORT_TAKEN = ("address already in use",)
_VARIABLE = "WORKQUEUE_SPEC_GARAGEMQ"
"""The variable by which the processes of one broker are found. Its value is the broker's folder."""

_PANIC = re.compile(r"^(?:panic|fatal error): .*$", re.MULTILINE)
_SOURCE_LINE = re.compile(r"garagemq/(\S+\.go:\d+)")

_CONFIGURATION = """\
proto: amqp-rabbit
users:
  - username: guest
    password: 084e0343a0486ff05530df6c705c8bb4  # the MD5 sum of "guest"
tcp: {{ip: {loopback}, port: {port}, nodelay: true, readBufSize: 196608, writeBufSize: 196608}}
admin: {{ip: {loopback}, port: {admin_port}}}
queue: {{shardSize: 8192, maxMessagesInRam: 131072}}
db: {{defaultPath: db, engine: badger}}
vhost: {{defaultPath: /}}
security: {{passwordCheck: md5}}
connection: {{channelsMax: 4096, frameMaxSize: 65536}}
"""
"""As Debian's package has it, with other ports and another folder, and without Nagle's algorithm: that would delay
each delivery by up to 40 ms."""

GARAGEMQ = Package(
    "garagemq",
    "GarageMQ",
    4,
    "put the program garagemq on the PATH, or choose another broker with --broker",
)


@dataclass(frozen=True)
class Installed:
    """The program, the folders of the libraries that it needs besides, and the version of its package."""

    program: str
    libraries: str
    version: str

    @classmethod
    def find(cls) -> Self:
        """The GarageMQ on the PATH, or else one that is unpacked from the distribution's packages.

        Raises SetupError if there is neither.
        """
        if program := shutil.which("garagemq"):
            return cls(program, "", _installed_version())
        root = GARAGEMQ.unpacked()
        version = debian.version(root, GARAGEMQ.name)
        return cls(str(root / "usr/bin/garagemq"), debian.libraries(root), version)


class GarageMqBroker(OwnBroker):
    """A GarageMQ. It owns the process and its folder if it was opened, not if it was attached."""

    kind = "garagemq"
    starts_at_once = True
    can_make_virtual_hosts = False

    def __init__(self, folder: Path, port: int, installed: Installed, run: Run, *, owner: bool) -> None:
        self.address = Address(LOOPBACK, port, "guest", "guest")
        self._folder = folder
        self._installed = installed
        self._run = run
        self._owner = owner
        self._server = Server(folder, _VARIABLE, str(folder), port_taken=_PORT_TAKEN)

    @classmethod
    def open(cls, run: Run) -> "GarageMqBroker":
        """A new GarageMQ that is up. Raises SetupError with the end of its log if it does not start."""
        installed = Installed.find()

        def opened() -> "GarageMqBroker":
            folder = own_folder(run)
            port, admin_port = free_ports(2)
            text = _CONFIGURATION.format(loopback=LOOPBACK, port=port, admin_port=admin_port)
            (folder / "config.yaml").write_text(text)
            broker = cls(folder, port, installed, run, owner=True)
            try:
                broker._introduce(broker._bring_up())
            except BaseException:
                broker.close()
                raise
            return broker

        return with_free_ports(opened)

    @classmethod
    def attach(cls, handle: Mapping[str, str], run: Run) -> Self:
        """The GarageMQ that another process of the run opened."""
        state = read_handle(handle)
        folder = Path(handle["file"]).parent
        broker = cls(folder, state["port"], Installed(**state["installed"]), run, owner=False)
        broker._introduce(Greeting(state["product"], state["version"]))
        return broker

    def handle(self) -> dict[str, str]:
        """Names the file with the port and the program."""
        state = {
            "port": self.address.port,
            "installed": asdict(self._installed),
            "product": self.product,
            "version": self.version,
        }
        return write_handle(self._folder, self.kind, state)

    def describe(self) -> str:
        """Names the package's version, too: every GarageMQ says that it is version 0.1."""
        package = f"package {self._installed.version}" if self._installed.version else "found on the PATH"
        return f"{self.product} {self.version}, {package}"

    def start(self) -> None:
        """Starts it again in its folder, on the same ports."""
        if self._server.process is None:
            self._bring_up()

    def stop(self) -> None:
        """Sends TERM. It waits up to 10 s for clients that do not answer its connection.close.

        Raises SetupError if it had to be killed, or ended with a failure.
        """
        self._server.stop(UP_AND_DOWN)

    def kill(self) -> None:
        """Kills it by SIGKILL."""
        self._server.kill()

    def own_end(self) -> str:
        """With the first line of Go's report, and the line of GarageMQ's source."""
        if not self._server.ended_by_itself:
            return ""
        said = _last_words(self._server.output.read_text(errors="replace"))
        return f"it ended by itself: {said}" if said else "it ended by itself without a word"

    def evaluate(self, expression: str) -> str:
        """Raises SetupError: it is no RabbitMQ."""
        raise SetupError(f"{self.product} evaluates no expressions.")

    def create_virtual_hosts(self, names: Sequence[str]) -> None:
        """Raises SetupError: it has one virtual host."""
        raise SetupError(f"{self.product} has one virtual host, and cannot make another one.")

    def delete_virtual_hosts(self, names: Sequence[str]) -> None:
        """Does nothing: none was made."""

    def set_policies(self, virtual_host: str, policies: Sequence[Policy]) -> None:
        """Raises SetupError if there are policies: it knows none."""
        if policies:
            raise SetupError(f"{self.product} has no policies.")

    def close(self) -> None:
        """Kills it and removes its folder if this process opened it."""
        if self._owner:
            self._server.close()

    def _bring_up(self) -> Greeting:
        libraries = {"LD_LIBRARY_PATH": self._installed.libraries} if self._installed.libraries else {}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GMQ_")}
        command = [self._installed.program, "--config", "config.yaml"]
        self._server.launch(command, {**inherited, **libraries, **self._run.environment()})
        return self._server.await_answer(self.address)


def _last_words(output: str) -> str:
    """Why it ended, from its output: Go's report of a panic, or else the last line."""
    report = _PANIC.search(output)
    if report is None:
        return printable(output.rstrip().rpartition("\n")[2])
    place = _SOURCE_LINE.search(output, report.end())
    return printable(report[0] + (f" ({place[1]})" if place else ""))


def _installed_version() -> str:
    """The version of the installed package; empty if it is not a package's program."""
    if not shutil.which("dpkg-query"):
        return ""
    done = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}", GARAGEMQ.name],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else ""
