"""A program as a process of this machine, in a group and session of its own."""

import contextlib
import os
import pty
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..broker.run import MARK, kill_marked
from ..errors import SetupError


class ProcessGroup:
    """The process that was started, and those that it has started."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        terminal: bool = False,
        held_open: bool = False,
        given: bytes | None = None,
    ) -> None:
        """Starts the command. Its standard input is empty, or holds what is `given`, or is with `held_open` a pipe
        to which nothing is written, or with `terminal` the pseudo-terminal to which its output goes.

        Raises SetupError if it cannot be started.
        """
        run, _, part = environment.get(MARK, "").partition("/")
        self._mark = (run, part) if run and part else None  # whose processes are this program's
        self._output, theirs = pty.openpty() if terminal else os.pipe()
        self._input: int | None = None
        their_input: int | None = None
        if given is not None:
            their_input = _file_with(given)
        elif held_open:
            their_input, self._input = os.pipe()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=theirs if terminal else subprocess.DEVNULL if their_input is None else their_input,
                stdout=theirs,
                stderr=theirs,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._output)
            self._close_input()
            raise SetupError(f"Cannot start {command[0]!r} in {folder}: {error.strerror}.") from error
        finally:
            os.close(theirs)
            if their_input is not None:
                os.close(their_input)

    @property
    def pid(self) -> int:
        """The id of the process that was started; it leads the process group."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Waits until the process that was started has ended. Returns its exit status."""
        return self._process.wait()

    def read(self) -> bytes:
        """The next piece of its output; empty at the end."""
        try:
            return os.read(self._output, 65536)
        except OSError:  # a pseudo-terminal whose last writer has ended gives an error, not an end of file
            return b""

    def signal(self, number: signal.Signals) -> None:
        """Signals the whole process group, since launchers such as npm leave the work to child processes."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
        if number is signal.SIGKILL and self._mark:
            # A supervisor such as honcho starts its children in groups of their own.
            kill_marked(*self._mark)

    def end(self) -> None:
        """Kills what is left of the process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._close_input()

    def close(self) -> None:
        """Closes its output, when nobody reads it any more."""
        os.close(self._output)

    def _close_input(self) -> None:
        if self._input is not None:
            os.close(self._input)
            self._input = None


def _file_with(text: bytes) -> int:
    """A handle of a file without a name that holds the text."""
    with tempfile.TemporaryFile() as file:
        file.write(text)
        file.seek(0)
        return os.dup(file.fileno())
