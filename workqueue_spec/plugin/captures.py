"""The files of --pcap: one for each bench."""

import contextlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from ..bench.resources import FLOOD
from ..report.capture_files import capture_file
from ..specification.clauses import clause_of
from ..wiretap import Capture

_LONGEST: Final = 120
"""Characters of a file's name. A file system allows 255 bytes; a parametrized test may have a long name."""


@contextlib.contextmanager
def capture(config: pytest.Config, name: str) -> Iterator[Capture | None]:
    """A file of this name for what passes, in the folder of --pcap; None without this option.

    Raises SetupError if the file cannot be written.
    """
    folder: Path | None = config.option.pcap
    if folder is None:
        yield None
        return
    with capture_file(folder / file_name(name), FLOOD.bytes) as made:
        yield made


def name_of(item: pytest.Item) -> str:
    """A name for the test that no other test of the run has: its clause or else its module, and its own."""
    clause = clause_of(getattr(item, "function", None))
    return f"{item.path.stem if clause is None else clause.id} {item.name}"


def file_name(name: str) -> str:
    """The name of the file. All its characters are safe in a shell and on any file system."""
    safe = re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-.")
    if len(safe) > _LONGEST or not re.fullmatch(r"[A-Za-z0-9_.,\[\]\- ]+", name):
        # Other names may have become the same one.
        safe = f"{safe[:_LONGEST]}-{zlib.crc32(name.encode()):08x}"
    return f"{safe}.pcapng"
