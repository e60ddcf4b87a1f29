"""The files of --pcap, with a sentence for what the user has to mend."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..errors import SetupError
from ..wiretap import Capture


def made_folder(folder: Path) -> Path:
    """The folder as an absolute path, made if it is not there. Raises SetupError if no file can be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"--pcap {folder} cannot be made ({error.strerror}); name a folder.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SetupError(f"--pcap {folder} cannot be written to; name a folder that you can write to.")
    return folder.absolute()


@contextmanager
def capture_file(file: Path, most: int | None = None) -> Iterator[Capture]:
    """A capture in this file, which ends after about `most` bytes (None: any number).

    Raises SetupError if the file cannot be made, or in the end if it could not be written as a whole.
    """
    try:
        made = Capture(file, most)
    except OSError as error:
        raise SetupError(f"{file} cannot be written ({error.strerror}).") from error
    with closing(made):
        yield made
    if made.failure:
        raise SetupError(f"{file} is not whole ({made.failure}).")
