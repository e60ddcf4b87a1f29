"""The virtual environment of the suite, made on the first start and whenever it is out of date.

It lies in `.venv` of the checkout, or in the user's cache if the user may not write to the checkout or has made
a `.venv` there without us. The project is not installed in it: a path file names the checkout, so nothing is
built and no file is left in the checkout. This module uses the standard library only.

The packages that a program under test needs have an environment of their own in the user's cache.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .. import INSTALLED, ROOT, cache_folder
from ..errors import SetupError
from .reading import text_of
from .variables import for_the_suite

BASE = os.path.realpath(sys.executable)
"""The interpreter that makes the environment. It is looked up at import, since the running interpreter may belong
to the environment that is made again."""

LOCK = "spec.lock"
"""A file in the environment. It marks the environment as made by us, and is locked while we change it."""

STAMP = "spec.stamp"
"""A file in the environment that is written last, and says from what the environment was made."""

_OF_USERS = frozenset({"html"})
"""The extras that an installed suite may have, too."""

_PIP_ELSEWHERE = frozenset({"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"})
"""Variables that make pip install outside the environment."""


def python_with(extra: str) -> Path:
    """The Python of an environment with the dependencies, and those of `extra` if it is not empty.

    Makes the environment if necessary. An installed suite runs in the environment it was installed into; whoever
    needs the extra of a user checks there whether it has it. Raises SetupError if that fails, or if an installed
    suite is asked for the extra of this project's own commands.
    """
    if INSTALLED:
        if extra not in {"", *_OF_USERS}:
            raise SetupError("this command is about the project's own files; run it in a clone, as ./spec.")
        return Path(sys.executable)
    for home in _homes():
        if not _is_ready(home, extra):
            if not _may_make(home):
                continue
            _provide(home, partial(_is_ready, home, extra), partial(_make, home, extra))
        return home / "bin" / "python"
    raise SetupError(
        f"the environment can be made neither in {ROOT} nor in the cache; "
        "set XDG_CACHE_HOME to a folder that you can write to."
    )


@dataclass(frozen=True)
class Requirements:
    """The packages that a requirements file asks for, and the environment that has them or will have them."""

    file: Path
    text: str
    home: Path

    @classmethod
    def read(cls, file: Path) -> "Requirements":
        """The requirements in the file. Raises OSError or UnicodeDecodeError if it cannot be read."""
        text = text_of(file)
        name = hashlib.sha256(f"{BASE}\n{text}".encode()).hexdigest()[:16]
        return cls(file, text, cache_folder() / f"requirements-{name}")

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.home / "bin" / "python"

    def provide(self, variables: Mapping[str, str]) -> None:
        """Makes the environment if it is not there. `variables` are set for the commands that make it.

        Raises SetupError if a command fails, after the last lines of its output were shown on standard error.
        """
        _provide(self.home, self._is_ready, partial(self._make, variables))

    def _is_ready(self) -> bool:
        return _stamp(self.home) == _identity(self.home) + self.text

    def _make(self, variables: Mapping[str, str]) -> None:
        _say(f"Installing {self.file.name} (once) in {self.home} ...")
        _make_empty(self.home)
        with _pip_install(self.python) as install:
            wanted = ["-r", str(self.file)]
            failure = f"pip could not install {self.file}; its last lines are above"
            _run([*install, *wanted], failure, self.file.parent, variables)
        (self.home / STAMP).write_text(_identity(self.home) + self.text, encoding="utf-8")


def _provide(home: Path, is_ready: Callable[[], bool], make: Callable[[], None]) -> None:
    if is_ready():
        return
    try:
        home.mkdir(exist_ok=True)
        with _locked(home):
            if not is_ready():  # another start may have made it while this one waited
                make()
    except OSError as error:
        raise SetupError(f"the environment in {home} could not be made: {error}.") from error


def _homes() -> Iterator[Path]:
    yield ROOT / ".venv"
    yield cache_folder() / f"{ROOT.name}-{zlib.crc32(os.fsencode(ROOT)):08x}"


def _is_ready(home: Path, extra: str) -> bool:
    made_extra, _, made_from = _stamp(home).partition("\n")
    return made_from != "" and made_from == _identity(home) + _requirements() and _covers(made_extra, extra)


def _covers(made: str, extra: str) -> bool:
    """Whether an environment with the one extra has the packages of the other one."""
    if extra in {"", made}:
        return True
    extras = tomllib.loads(_requirements())["project"]["optional-dependencies"]
    return made in extras and set(extras[extra]) <= set(extras[made])


def _stamp(home: Path) -> str:
    try:
        return (home / STAMP).read_text(encoding="utf-8")
    except OSError:
        return ""


def _identity(home: Path) -> str:
    """The environment's folder and the interpreter that made it: if one of them changes, it no longer works."""
    python = home / "bin" / "python"
    try:
        interpreter = python.resolve(strict=True)
        state = interpreter.stat()
    except OSError:
        return "no interpreter\n"
    return f"{home}\n{interpreter} {state.st_size} {state.st_mtime_ns}\n"


def _requirements() -> str:
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def _may_make(home: Path) -> bool:
    """Whether we may make or change the environment. We leave one that the user has made without us."""
    try:
        empty = next(home.iterdir(), None) is None
    except FileNotFoundError:
        return os.access(home.parent, os.W_OK)
    except OSError:
        return False
    return os.access(home, os.W_OK) and (empty or (home / LOCK).exists())


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    lock = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    # pip inherits the lock, and keeps it if this process is killed before pip has ended.
    os.set_inheritable(lock, True)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another start, which prepares the environment ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _make(home: Path, extra: str) -> None:
    _say(f"Preparing the environment (once) in {home} ...")
    made_extra, _, made_from = _stamp(home).partition("\n")
    (home / STAMP).unlink(missing_ok=True)
    extra = made_extra if _covers(made_extra, extra) else extra
    if not made_from.startswith(_identity(home)):
        _make_empty(home)
    project = tomllib.loads(_requirements())["project"]
    wanted = [*project["dependencies"], *(project["optional-dependencies"][extra] if extra else [])]
    with _pip_install(home / "bin" / "python") as install:
        _run([*install, *wanted], "pip could not install what the suite needs; its last lines are above")
    packages = next(home.glob("lib/python3*/site-packages"))
    (packages / "workqueue-spec.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    (home / STAMP).write_text(f"{extra}\n{_identity(home)}{_requirements()}", encoding="utf-8")


def _make_empty(home: Path) -> None:
    """Makes an environment without packages. What was in the folder is removed, except for the lock."""
    for entry in home.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != LOCK:
            entry.unlink()
    _run([BASE, "-I", "-m", "venv", "--without-pip", str(home)], "venv failed")


@contextlib.contextmanager
def _pip_install(python: Path) -> Iterator[list[str]]:
    """A command that installs packages into the environment of `python`, by whichever pip this machine has.

    `ensurepip` may be missing: Debian has it in a package of its own, python3-venv.
    """
    if importlib.util.find_spec("ensurepip"):
        _run([str(python), "-I", "-m", "ensurepip"], "ensurepip failed")
        yield [str(python), "-I", "-m", "pip", "install"]
    elif _succeeds([BASE, "-I", "-m", "pip", "--python", str(python), "--version"]):
        yield [BASE, "-I", "-m", "pip", "--python", str(python), "install"]
    elif uv := shutil.which("uv"):
        yield [uv, "pip", "install", "--python", str(python)]
    else:
        with tempfile.TemporaryDirectory() as folder:
            wheel = _pip_of_debian(Path(folder))
            if wheel is None:
                raise SetupError(
                    f"{BASE} has no pip; install the package python3-venv, the package python3-pip, or uv."
                )
            yield [BASE, "-I", f"{wheel}/pip", "--python", str(python), "install"]


def _pip_of_debian(folder: Path) -> Path | None:
    """Pip's wheel from Debian's package, downloaded and unpacked into the folder, which needs no root.

    None if that fails.
    """
    (folder / "lists" / "partial").mkdir(parents=True)
    options = [f"Dir::State::Lists={folder}/lists", f"Dir::Cache={folder}/cache", "Debug::NoLocking=1"]
    apt = ["apt-get", *(part for option in [*options, "APT::Sandbox::User="] for part in ("-o", option))]
    _succeeds([*apt, "update"], folder)  # the lists that it did read may be enough if it fails
    unpack = ["sh", "-c", "dpkg-deb -x python3-pip-whl_*.deb ."]
    if not (_succeeds([*apt, "download", "python3-pip-whl"], folder) and _succeeds(unpack, folder)):
        return None
    return next(folder.glob("usr/share/python-wheels/pip-*.whl"), None)


def _succeeds(command: Sequence[str], folder: Path | None = None) -> bool:
    try:
        return _capture(command, folder).returncode == 0
    except FileNotFoundError:
        return False


_PROGRESS = ("Collecting ", "Processing ", "Building wheel", "Installing collected packages")
"""How the lines of pip begin that are shown while it works: the first start takes a minute."""
_LONGEST_LINE = 110


def _run(
    command: Sequence[str],
    failure: str,
    folder: Path | None = None,
    more: Mapping[str, str] | None = None,
) -> None:
    """Runs the command. If it fails, shows its last lines and raises SetupError with the sentence `failure`."""
    done = _capture(command, folder, more)
    if done.returncode != 0:
        _say("\n".join(done.stdout.splitlines()[-15:]))
        raise SetupError(f"{failure} (exit status {done.returncode}).")


def _capture(
    command: Sequence[str], folder: Path | None = None, more: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    variables = {name: value for name, value in os.environ.items() if name not in _PIP_ELSEWHERE}
    variables |= {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=for_the_suite({**variables, **(more or {})}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        close_fds=False,
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(_PROGRESS):
                _say(f"  {line.strip()[:_LONGEST_LINE]}")
    return subprocess.CompletedProcess(command, process.returncode, "".join(lines))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
