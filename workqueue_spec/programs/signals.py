"""What a signal does to a run: the first one interrupts it, and later ones do not disturb its clearing up.

This module uses the standard library only, since the handlers are set before anything else is imported.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a supervisor's request to end, and the end of the terminal."""

_SENTENCE = "\nspec: interrupted.\n"

_arrived: list[int] = []


def run(main: Callable[[Sequence[str]], int], interrupted_status: int) -> NoReturn:
    """Runs `main` with the arguments of this process, and exits with its status.

    If a signal comes, at whatever time, a sentence is all that is printed, and the status is `interrupted_status`.
    """
    try:
        interrupt_once()
        status = main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write(_SENTENCE)
        status = interrupted_status
    _arrived.append(0)  # a signal that comes while Python ends is too late
    # Python remembers an interrupt that came during `exec` of a string (a dataclass is made so), even if it was
    # caught, and would end by SIGINT. The next `exec` makes it forget.
    exec("")
    sys.exit(status)


def hold_back() -> None:
    """Holds the signals back until `interrupt_once`, in the program too by which this process is replaced."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def leave_at_once(status: int) -> None:
    """Until `interrupt_once`, a signal ends this process with a sentence and the status.

    This is for the time in which modules are imported, and nothing is there to be cleared up. An interrupt in the
    middle of an import may come out as another error: if it comes while a class is made, it is a RuntimeError.
    """
    output = os.dup(2)  # pytest captures what is written to 2

    def leave(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            os.write(output, _SENTENCE.encode())
        os._exit(status)

    for number in SIGNALS:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, leave)


def interrupted() -> bool:
    """Whether one of the signals has come since `interrupt_once`."""
    return bool(_arrived)


def interrupt_once() -> None:
    """From now on the first of the signals raises KeyboardInterrupt in the main thread, and later ones do nothing.

    A signal may be ignored here (SIGINT is in a shell's background, SIGHUP under nohup). SIGINT is handled
    nevertheless, since the programs under test would inherit that it is ignored, and could not be interrupted.
    """
    for number in SIGNALS:
        if signal.getsignal(number) == signal.SIG_IGN and number is signal.SIGHUP:
            continue
        if signal.getsignal(number) is not _interrupt:
            signal.signal(number, _interrupt)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # a signal that was held back comes now


def _interrupt(number: int, _frame: FrameType | None) -> None:
    if number == signal.SIGHUP:
        _leave_the_terminal()
    first = not _arrived
    _arrived.append(number)
    if first:
        raise KeyboardInterrupt


def _leave_the_terminal() -> None:
    """What is written to a terminal that is gone would raise an error in the middle of the clearing up."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_RDWR)
        for handle in {0, 1, 2, *_open_handles()}:
            with contextlib.suppress(OSError):
                if _is_terminal(handle):
                    os.dup2(nowhere, handle)
        os.close(nowhere)


def _open_handles() -> list[int]:
    try:
        return [int(each.name) for each in Path("/dev/fd").iterdir() if each.name.isdigit()]
    except OSError:
        return []


def _is_terminal(handle: int) -> bool:
    """Whether it is a terminal, even one that is gone, for which `isatty` is false."""
    if os.isatty(handle):
        return True
    try:
        return str(Path(f"/proc/self/fd/{handle}").readlink()).startswith(("/dev/pts/", "/dev/tty"))
    except OSError:
        return False
