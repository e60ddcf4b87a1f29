"""A report as a file of JSON."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import SetupError


def check(file: Path | None) -> None:
    """Raises SetupError where the report could not be written, before the run rather than after it."""
    if file is None:
        return
    changed = file if _is_device(file) else file.absolute().parent
    if file.is_dir() or not os.access(changed, os.W_OK):
        raise SetupError(f"The report {file} cannot be written; name a file in a folder of yours.")


def write(report: Mapping[str, Any], file: Path) -> None:
    """Writes it whole or not at all."""
    text = json.dumps(report, indent=2, ensure_ascii=True) + "\n"
    if _is_device(file):
        file.write_text(text, encoding="utf-8")
        return
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


def _is_device(file: Path) -> bool:
    """Such as /dev/stdout, or a pipe: written to as it is, and never replaced."""
    return file.exists() and not file.is_file()
