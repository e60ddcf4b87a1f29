"""Where RabbitMQ's programs are on this machine."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from . import debian

_PACKAGED = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_WRAPPERS = frozenset({Path("/usr/sbin"), Path("/sbin"), Path("/usr/bin"), Path("/bin")})
"""Where packages put a `rabbitmq-server` that changes the user and takes no TERM."""

_NOT_INHERITED = ("RABBITMQ_", "ERL_", "RUNNING_UNDER_SYSTEMD", "NOTIFY_SOCKET")


@dataclass(frozen=True)
class Installation:
    """RabbitMQ's programs, and the variables they need.

    `epmd` and `erl_call` are None where Erlang came without them.
    """

    server: Path
    control: Path
    epmd: Path | None
    erl_call: Path | None
    _variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The user's environment, less what configures another RabbitMQ, and with what this one needs."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
        return {**inherited, **self._variables}


def find() -> Installation:
    """The installed RabbitMQ, else one unpacked from the distribution's packages.

    Raises SetupError where neither can be had.
    """
    server = _installed_server()
    return _installed(server) if server else _unpacked(debian.unpacked())


def _installed_server() -> Path | None:
    if os.access(_PACKAGED, os.X_OK):
        return _PACKAGED
    found = shutil.which("rabbitmq-server")
    return Path(found) if found and Path(found).parent not in _WRAPPERS else None


def _installed(server: Path) -> Installation:
    return Installation(server, server.with_name("rabbitmqctl"), _program("epmd"), _program("erl_call"))


def _unpacked(root: Path) -> Installation:
    """The programs below `root`. Where Erlang itself was installed, only what it lacked lies there."""
    server = root / "usr/lib/rabbitmq/bin/rabbitmq-server"
    erlang = root / "usr/lib/erlang"
    path = os.pathsep.join([str(erlang / "bin"), os.environ.get("PATH", os.defpath)])
    libraries = [str(folder) for top in ("usr/lib", "lib") for folder in root.glob(f"{top}/*-linux-gnu*")]
    variables = {"PATH": path, "LD_LIBRARY_PATH": os.pathsep.join(libraries)}
    if not (erlang / "bin/erl").exists():
        variables["ERL_LIBS"] = str(erlang / "lib")
    return Installation(
        server, server.with_name("rabbitmqctl"), _program("epmd", path), _program("erl_call", path), variables
    )


def _program(name: str, path: str | None = None) -> Path | None:
    found = shutil.which(name, path=path)
    return Path(found) if found else None
