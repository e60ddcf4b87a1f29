"""The workbench of the executable specification of a work queue: nine rooms, told of in ARCHITECTURE.md.

Here is where its files lie, in a checkout and in an environment into which it was installed.
"""

import contextlib
import os
import tempfile
from pathlib import Path

from .errors import SetupError

_PACKAGE = Path(__file__).resolve().parent

INSTALLED = (_PACKAGE / "spec_tests").is_dir()
"""Whether this package came from a wheel. A wheel holds `reference` and `spec_tests` within this package."""

ROOT = _PACKAGE if INSTALLED else _PACKAGE.parent
"""The folder of `reference` and `spec_tests`: the checkout, or the installed package."""

COMMAND = "workqueue-spec" if INSTALLED else "./spec"
"""The command that a user types."""


def importable(name: str) -> str:
    """The full name of `reference`, of `spec_tests`, or of a module in one of them."""
    return f"{__name__}.{name}" if INSTALLED else name


def cache_folder() -> Path:
    """The folder for what is fetched once, such as environments and RabbitMQ: `workqueue-spec` in the user's cache
    folder, or among the temporary files if that cannot be written to. Makes the folder if it does not exist.

    Raises SetupError if neither can be written to.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111 - "~" may stay
    temporary = Path(tempfile.gettempdir(), f"workqueue-spec-{os.getuid()}")
    for folder in (home / "workqueue-spec", temporary):
        if not folder.is_absolute():
            continue
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.lstat().st_uid == os.getuid() and os.access(folder, os.W_OK):
                return folder
    raise SetupError(
        f"There is no cache: {temporary} belongs to another user; set XDG_CACHE_HOME to a folder of your own."
    )
