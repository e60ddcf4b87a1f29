"""RabbitMQ from the packages of a Debian-like system, unpacked into the user's cache: no root, no service.

Installing the package instead would start a broker of the system on port 5672.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .. import cache_folder
from ..errors import SetupError
from .progress import going_on, say

_INSTEAD = "install rabbitmq-server, start Docker, or name a broker with --broker amqp://..."

_NEW_PACKAGE = re.compile(r"^Inst (\S+) \((\S+) ", re.MULTILINE)
"""A package that apt would install newly. (An upgrade has the installed version in brackets; the installed version
will do.)"""

_NEEDS = re.compile(r"\{\s*applications\s*,\s*\[([^\]]*)\]")
"""The other applications that the resource file of an Erlang application names."""

_ROOT_OF_ERLANG = re.compile(r"^(\s*ROOTDIR=)/usr/lib/erlang$", re.MULTILINE)


class _AptFailed(Exception):
    """A command of apt failed. Its text is apt's last error."""


def unpacked() -> Path:
    """The root folder of an unpacked RabbitMQ, downloaded if the cache has none.

    If two runs ask at once, one downloads and the other waits. Raises SetupError if RabbitMQ cannot be downloaded.
    """
    if not all(map(shutil.which, ("apt-get", "dpkg", "dpkg-deb"))):
        raise SetupError(f"No RabbitMQ is installed, and there is no apt-get to fetch it: {_INSTEAD}.")
    cache = cache_folder()
    root = cache / f"rabbitmq-{_system()}"
    with _locked(cache / f"{root.name}.lock"):
        if not root.exists():
            _make(root)
    return root


def _make(root: Path) -> None:
    say("Fetching RabbitMQ from the distribution's packages, once (about 35 MB) ...")
    with tempfile.TemporaryDirectory(prefix=".making-", dir=root.parent) as work:
        made = Path(work) / "root"
        made.mkdir()
        try:
            with going_on("fetching RabbitMQ"):
                packages = _fetch(Path(work))
            say(f"Unpacking {len(packages)} packages ...")
            for package in packages:
                subprocess.run(["dpkg-deb", "-x", package, made], check=True, capture_output=True)
        except (_AptFailed, subprocess.CalledProcessError, OSError) as error:
            raise SetupError(
                f"RabbitMQ could not be fetched from the distribution's packages ({error}): {_INSTEAD}."
            ) from error
        _move_erlang(made, root)
        for plugins in made.glob("usr/lib/rabbitmq/lib/*/plugins"):
            _keep_what_a_node_needs(plugins)
        made.rename(root)


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


def _fetch(work: Path) -> list[Path]:
    """The files of the missing packages, downloaded with the system's package lists.

    If those are empty or old, new lists are downloaded into `work`. A repository that cannot be read does not
    matter as long as another one has RabbitMQ.
    """
    try:
        return _download(work, _configuration(work))
    except _AptFailed:
        own_lists = _configuration(work, own_lists=True)
        with contextlib.suppress(_AptFailed):
            _apt(own_lists, work, ["update"])
        return _download(work, own_lists)


def _download(work: Path, configuration: Path) -> list[Path]:
    install = ["install", "--no-install-recommends", "rabbitmq-server"]
    plan = _apt(configuration, work, ["-s", *install])
    missing = [f"{name}={version}" for name, version in _NEW_PACKAGE.findall(plan)]
    if not missing:
        raise _AptFailed("apt-get names no package to fetch")
    folder = work / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _apt(configuration, folder, ["download", *missing])
    return sorted(folder.glob("*.deb"))


def _configuration(work: Path, own_lists: bool = False) -> Path:
    """The file of an apt configuration that needs no root, takes no lock and runs no hooks of the system."""
    lines = [
        "#clear APT::Update;",
        'APT::Sandbox::User "root";',
        'Acquire::Languages "none";',
        'Debug::NoLocking "true";',
        f'Dir::Cache "{work}/cache";',
    ]
    (work / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    if own_lists:
        lines.append(f'Dir::State::Lists "{work}/lists";')
        (work / "lists/partial").mkdir(parents=True, exist_ok=True)
    file = work / ("own-lists.conf" if own_lists else "system-lists.conf")
    file.write_text("\n".join(lines) + "\n")
    return file


def _apt(configuration: Path, folder: Path, arguments: Sequence[str]) -> str:
    """What apt-get prints, run in the folder. Raises _AptFailed."""
    done = subprocess.run(
        ["apt-get", "-q", "-c", configuration, *arguments],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise _AptFailed((errors or ["E: apt-get gave no reason"])[-1].removeprefix("E: "))
    return done.stdout


def _system() -> str:
    """The distribution, its release and the architecture: the unpacked programs run on no other system."""
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line
    )
    known = [release.get(key, "").strip('"') for key in ("ID", "VERSION_ID")]
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    return "-".join(part for part in [*known, architecture] if part)


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
