"""A report as a file."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import SetupError


def check(file: Path | None, what: str = "report") -> None:
    """Raises SetupError if the file cannot be written. This is checked before the run, not after it.

    `what` names the file in the sentence.
    """
    if file is None:
        return
    changed = file if _is_device(file) else file.absolute().parent
    if file.is_dir() or not os.access(changed, os.W_OK):
        raise SetupError(
            f"The {what} {file} cannot be written; name a file in a folder that you can write to."
        )


def read(file: Path, mistake_in: Callable[[object], str]) -> dict[str, Any]:
    """The JSON report in the file. `mistake_in` says as the end of a sentence what is wrong with it, if
    something is.

    Raises SetupError if there is no report, or something is wrong.
    """
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise SetupError(f"{file} is not JSON.") from None
    if mistake := mistake_in(report):
        raise SetupError(f"{file} {mistake}.")
    found: dict[str, Any] = report
    return found


def write(report: Mapping[str, Any], file: Path) -> None:
    """Writes the whole report, or leaves the old file as it is."""
    write_text(json.dumps(report, indent=2, ensure_ascii=True) + "\n", file)


def write_text(text: str, file: Path) -> None:
    """Writes the whole text, or leaves the old file as it is."""
    if _is_device(file):
        file.write_text(text, encoding="utf-8")
        return
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


def _is_device(file: Path) -> bool:
    """Whether it is a device such as /dev/stdout, or a pipe: it is written to as it is, and never replaced."""
    return file.exists() and not file.is_file()
