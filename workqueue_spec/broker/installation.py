"""The paths of RabbitMQ's programs on this machine."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from . import debian
from .debian import Package

_PACKAGED = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_WRAPPERS = frozenset({Path("/usr/sbin"), Path("/sbin"), Path("/usr/bin"), Path("/bin")})
"""Folders in which packages put a wrapper `rabbitmq-server`, which changes the user and ignores TERM."""

_NEEDS = re.compile(r"\{\s*applications\s*,\s*\[([^\]]*)\]")
"""The other applications that the resource file of an Erlang application names."""

_ROOT_OF_ERLANG = re.compile(r"^(\s*ROOTDIR=)/usr/lib/erlang$", re.MULTILINE)

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
    return _installed(server) if server else _unpacked(RABBITMQ.unpacked())


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
    variables = {"PATH": path, "LD_LIBRARY_PATH": debian.libraries(root)}
    if not (erlang / "bin/erl").exists():
        variables["ERL_LIBS"] = str(erlang / "lib")
    return Installation(
        server, server.with_name("rabbitmqctl"), _program("epmd", path), _program("erl_call", path), variables
    )


def _program(name: str, path: str | None = None) -> Path | None:
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def _adapt(made: Path, root: Path) -> None:
    _move_erlang(made, root)
    for plugins in made.glob("usr/lib/rabbitmq/lib/*/plugins"):
        _keep_what_a_node_needs(plugins)


def _move_erlang(made: Path, root: Path) -> None:
    """Writes Erlang's future folder into its start scripts. RabbitMQ runs both of them."""
    for script in [*made.glob("usr/lib/erlang/bin/erl"), *made.glob("usr/lib/erlang/erts-*/bin/erl")]:
        script.write_text(_ROOT_OF_ERLANG.sub(rf"\g<1>{root}/usr/lib/erlang", script.read_text()))


def _keep_what_a_node_needs(plugins: Path) -> None:
    """Removes the plugins, since no plugin is ever enabled here, and keeps the libraries of RabbitMQ itself.

    Erlang searches folder after folder for each module: with the plugins a node takes twice as long to start.
    """
    resources = {file.stem: file for file in plugins.glob("*/ebin/*.app")}
    needed: set[str] = set()
    to_do = ["rabbit"]
    while to_do:
        name = to_do.pop()
        if name in resources and name not in needed:
            needed.add(name)
            named = _NEEDS.search(resources[name].read_text())
            to_do += re.findall(r"\w+", named[1]) if named else []
    for name, file in resources.items():
        if needed and name not in needed:
            shutil.rmtree(file.parents[1])


RABBITMQ = Package(
    "rabbitmq-server",
    "RabbitMQ",
    35,
    "install rabbitmq-server, start Docker, or name a broker with --broker amqp://...",
    _adapt,
)
"""RabbitMQ, for a machine that has none."""
