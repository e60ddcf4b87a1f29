"""The paths of RabbitMQ's programs on this machine."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from . import debian

_PACKAGED = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_WRAPPERS = frozenset({Path("/usr/sbin"), Path("/sbin"), Path("/usr/bin"), Path("/bin")})
"""Folders in which packages put a wrapper `rabbitmq-server`, which changes the user and ignores TERM."""

_NOT_INHERITED = ("RABBITMQ_", "ERL_", "RUNNING_UNDER_SYSTEMD", "NOTIFY_SOCKET")


@dataclass(frozen=True)
class Installation:
    """RabbitMQ's programs, and the environment variables that they need.

    `epmd` and `erl_call` are None if this machine's Erlang does not have them.
    """

    server: Path
    control: Path
    epmd: Path | None
    erl_call: Path | None
    _variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The user's environment variables, without those of another RabbitMQ, and with those of this one."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
        return {**inherited, **self._variables}


def find() -> Installation:
    """The installed RabbitMQ, or else one that is unpacked from the distribution's packages.

    Raises SetupError if there is neither.
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
    """The programs below `root`. If Erlang was installed before, `root` has only the parts that it lacked."""
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
