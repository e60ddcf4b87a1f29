"""`workqueue-spec cache`: shows what was fetched once and is kept, or removes it.

This module uses the standard library only, since it runs before there is an environment.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from .. import cache_folder
from . import parsers


def main(arguments: Sequence[str]) -> int:
    """Shows the cache, or clears it. Returns the exit status."""
    clear = parsers.cache().parse_args(arguments).action == "clear"
    folder = cache_folder()
    sizes = {entry: _size(entry) for entry in sorted(folder.iterdir())}
    if clear:
        shutil.rmtree(folder)
    print(f"{folder}: {sum(sizes.values()) / 1e6:.1f} MB{' removed' if clear else ''}")
    for entry, size in sizes.items():
        if size:  # a lock file is nothing to tell of
            print(f"{size / 1e6:10.1f} MB  {entry.name}")
    return 0


def _size(entry: Path) -> int:
    files = entry.rglob("*") if entry.is_dir() and not entry.is_symlink() else [entry]
    return sum(file.lstat().st_size for file in files if not file.is_dir())
