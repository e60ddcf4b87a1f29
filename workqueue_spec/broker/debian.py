"""RabbitMQ from a Debian-like system's packages, unpacked into a folder of one's own: no root, no service.

Installing the package instead would start a system broker on port 5672.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import SetupError
from .progress import say

_INSTEAD = "install rabbitmq-server, start Docker, or name a broker with --broker amqp://..."

_NEW_PACKAGE = re.compile(r"^Inst (\S+) \((\S+) ", re.MULTILINE)
"""One that is missing. (An upgrade names the installed version in brackets; what is installed serves.)"""

_NEEDS = re.compile(r"\{\s*applications\s*,\s*\[([^\]]*)\]")
"""The other applications that an Erlang application's resource file names."""

_ROOT_OF_ERLANG = re.compile(r"^(\s*ROOTDIR=)/usr/lib/erlang$", re.MULTILINE)


class _AptFailed(Exception):
    """apt did not do what was asked; its text is apt's last words."""


def unpacked() -> Path:
    """The root of an unpacked RabbitMQ, fetched where the cache has none.

    Two runs may ask at once: one fetches, the other waits. Raises SetupError where it cannot be had.
    """
    if not all(map(shutil.which, ("apt-get", "dpkg", "dpkg-deb"))):
        raise SetupError(f"No RabbitMQ is installed, and there is no apt-get to fetch it: {_INSTEAD}.")
    cache = _cache()
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
            for package in _fetch(Path(work)):
                subprocess.run(["dpkg-deb", "-x", package, made], check=True, capture_output=True)
        except (_AptFailed, subprocess.CalledProcessError, OSError) as error:
            raise SetupError(
                f"RabbitMQ could not be fetched from the distribution's packages ({error}): {_INSTEAD}."
            ) from error
        _move_erlang(made, root)
        for plugins in made.glob("usr/lib/rabbitmq/lib/*/plugins"):
            _leave_what_a_node_needs(plugins)
        made.rename(root)


def _move_erlang(made: Path, root: Path) -> None:
    """Tells Erlang's start scripts where they will lie. RabbitMQ starts both of them."""
    for script in [*made.glob("usr/lib/erlang/bin/erl"), *made.glob("usr/lib/erlang/erts-*/bin/erl")]:
        script.write_text(_ROOT_OF_ERLANG.sub(rf"\g<1>{root}/usr/lib/erlang", script.read_text()))


def _leave_what_a_node_needs(plugins: Path) -> None:
    """Removes the plugins, of which none is ever enabled here.

    Erlang looks for each module in folder after folder, so that they are half of the time that a node takes to
    come up.
    """
    resources = {file.stem: file for file in plugins.glob("*/ebin/*.app")}
    needed: set[str] = set()
    asked = ["rabbit"]
    while asked:
        name = asked.pop()
        if name in resources and name not in needed:
            needed.add(name)
            named = _NEEDS.search(resources[name].read_text())
            asked += re.findall(r"\w+", named[1]) if named else []
    for name, file in resources.items():
        if needed and name not in needed:
            shutil.rmtree(file.parents[1])


def _fetch(work: Path) -> list[Path]:
    """The package files that are missing here, downloaded with the system's package lists.

    With lists of its own where those are empty or old. A repository that cannot be read is no matter, as
    long as the others have RabbitMQ.
    """
    try:
        return _download(work, _configuration(work))
    except _AptFailed:
        own_lists = _configuration(work, own_lists=True)
        with contextlib.suppress(_AptFailed):
            _apt(own_lists, work, "update")
        return _download(work, own_lists)


def _download(work: Path, configuration: Path) -> list[Path]:
    plan = _apt(configuration, work, "-s", "install", "--no-install-recommends", "rabbitmq-server")
    missing = [f"{name}={version}" for name, version in _NEW_PACKAGE.findall(plan)]
    if not missing:
        raise _AptFailed("apt-get names no package to fetch")
    folder = work / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _apt(configuration, folder, "download", *missing)
    return sorted(folder.glob("*.deb"))


def _configuration(work: Path, own_lists: bool = False) -> Path:
    """An apt configuration that needs no rights, takes no lock and runs no hook of the system's."""
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


def _apt(configuration: Path, folder: Path, *arguments: str) -> str:
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
    """The distribution, its release and the architecture: what is unpacked fits no other."""
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


def _cache() -> Path:
    """Our folder in the user's cache, or among the temporary files where the home is none to write to."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    temporary = Path(tempfile.gettempdir())
    for folder in (cache / "workqueue-spec", temporary / f"workqueue-spec-{os.getuid()}"):
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid == os.getuid() and os.access(folder, os.W_OK):
                return folder
    raise SetupError("RabbitMQ can be unpacked nowhere: set XDG_CACHE_HOME to a folder you can write to.")


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
