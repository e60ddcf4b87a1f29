"""Reads small files that a user names. This module uses the standard library only."""

from pathlib import Path

LARGEST = 1_000_000
"""Bytes that a profile, or a list of requirements, may have. Real ones have a few thousand."""


def text_of(file: Path) -> str:
    """The text of a regular file. Raises OSError, with a reason in words, or UnicodeDecodeError.

    A device such as /dev/zero never ends, and a pipe may never begin: neither is read.
    """
    if file.exists() and not file.is_file():
        raise OSError(None, "it is a folder" if file.is_dir() else "it is no regular file")
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise OSError(None, f"it is larger than {LARGEST} bytes")
    return data.decode()
