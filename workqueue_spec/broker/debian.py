"""A broker from the packages of a Debian-like system, unpacked into the user's cache: no root, no service.

Installing the package instead would start a broker of the system on port 5672.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from .. import cache_folder
from ..errors import SetupError
from .progress import going_on, say

_NEW_PACKAGE = re.compile(r"^Inst (\S+) \((\S+) ", re.MULTILINE)
"""A package that apt would install newly. (An upgrade has the installed version in brackets; the installed version
will do.)"""

_FETCHED = "fetched-packages"
"""The file in an unpacked root that names the packages, with their versions."""


@dataclass(frozen=True)
class Package:
    """What is fetched, and what is done with it."""

    name: str
    """The package's name."""
    title: str
    """The broker's name."""
    megabytes: int
    """What is downloaded, with the packages that it needs."""
    instead: str
    """What a user can do if it cannot be fetched, as the end of a sentence."""
    adapt: Callable[[Path, Path], object] = lambda made, root: None
    """Changes the unpacked files in the first folder, which becomes the second one."""

    def unpacked(self) -> Path:
        """The root folder of the unpacked packages, downloaded if the cache has none.

        If two runs ask at once, one downloads and the other waits. Raises SetupError if they cannot be downloaded.
        """
        if not all(map(shutil.which, ("apt-get", "dpkg", "dpkg-deb"))):
            raise SetupError(
                f"No {self.title} is installed, and there is no apt-get to fetch it: {self.instead}."
            )
        cache = cache_folder()
        root = cache / f"{self.title.lower()}-{_system()}"
        with _locked(cache / f"{root.name}.lock"):
            if not root.exists():
                _make(self, root)
        return root


class _AptFailed(Exception):
    """A command of apt failed. Its text is apt's last error."""


def version(root: Path, name: str) -> str:
    """The version of the package with this name that is unpacked there; empty if it is not known."""
    known = root / _FETCHED
    stems = known.read_text().splitlines() if known.exists() else []
    # name_version_architecture; apt writes a colon of the version as %3a
    found = (stem.split("_") for stem in stems)
    return next((unquote(parts[1]) for parts in found if parts[0] == name and len(parts) > 1), "")


def libraries(root: Path) -> str:
    """The folders with the libraries of what is unpacked there, as LD_LIBRARY_PATH has them."""
    found = [str(folder) for top in ("usr/lib", "lib") for folder in root.glob(f"{top}/*-linux-gnu*")]
    return os.pathsep.join(found)


def _make(package: Package, root: Path) -> None:
    title = package.title
    say(f"Fetching {title} from the distribution's packages, once (about {package.megabytes} MB) ...")
    with tempfile.TemporaryDirectory(prefix=".making-", dir=root.parent) as work:
        made = Path(work) / "root"
        made.mkdir()
        try:
            with going_on(f"fetching {title}"):
                files = _fetch(Path(work), package.name)
            say(f"Unpacking {len(files)} package{'' if len(files) == 1 else 's'} ...")
            for file in files:
                subprocess.run(["dpkg-deb", "-x", file, made], check=True, capture_output=True)
        except (_AptFailed, subprocess.CalledProcessError, OSError) as error:
            raise SetupError(
                f"{title} could not be fetched from the distribution's packages ({error}): {package.instead}."
            ) from error
        (made / _FETCHED).write_text("".join(f"{file.stem}\n" for file in files))
        package.adapt(made, root)
        made.rename(root)


def _fetch(work: Path, package: str) -> list[Path]:
    """The files of the package and of those that it needs and this machine lacks, downloaded.

    If the system's package lists are empty or old, new lists are downloaded into `work`. A repository that cannot
    be read does not matter as long as another one has the package.
    """
    try:
        return _download(work, _configuration(work), package)
    except _AptFailed:
        own_lists = _configuration(work, own_lists=True)
        with contextlib.suppress(_AptFailed):
            _apt(own_lists, work, ["update"])
        return _download(work, own_lists, package)


def _download(work: Path, configuration: Path, package: str) -> list[Path]:
    install = ["install", "--no-install-recommends", package]
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
