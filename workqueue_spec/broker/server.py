"""The processes of a broker that runs on this machine without a container."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import psutil

from ..errors import SetupError
from ..timeouts import EVENTUALLY, POLL
from .address import Address
from .base import UP_AND_DOWN
from .handshake import Greeting, await_greeting
from .transcript import last_lines

LOOPBACK = "127.0.0.1"
TRIES_FOR_PORTS = 3

Opened = TypeVar("Opened")


class PortTakenError(SetupError):
    """The broker did not start, because somebody else had taken a port that was free when it was chosen."""


def with_free_ports(opened: Callable[[], Opened]) -> Opened:
    """What `opened` returns. It chooses ports, and is called again if it raises PortTakenError."""
    for _ in range(TRIES_FOR_PORTS - 1):
        with suppress(PortTakenError):
            return opened()
    return opened()


class Server:
    """A broker's process, and those beside it, with their files in one folder.

    Every process of the run may start and end it: its process is known by its id, which is in a file, and by a
    variable in its environment.
    """

    def __init__(self, folder: Path, variable: str, value: str, *, port_taken: Sequence[str]) -> None:
        """`variable` has this `value` in the environment of every process that is started here, and of no other.
        One of the phrases `port_taken` is in what the broker says if somebody else has one of its ports.
        """
        self.folder = folder
        self._port_taken = port_taken
        self.output = folder / "output"
        """The file with the standard output and error of all the processes."""
        self._mark = (variable, value)
        self._pid_file = folder / "pid"
        self._children: list[subprocess.Popen[bytes]] = []
        self._launched: subprocess.Popen[bytes] | None = None
        """The broker's process, if this process started it."""

    def launch(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        """Starts the broker itself, and does not wait for it."""
        self._launched = self.start_beside(command, environment)
        self._pid_file.write_text(str(self._launched.pid))

    def await_answer(self, address: Address, *logs: Path) -> Greeting:
        """Waits until the broker answers at the address.

        Raises SetupError with the end of its output and of its logs if it does not; PortTakenError if that is for
        a port.
        """
        child = self._launched
        greeting = await_greeting(
            address, alive=lambda: child is None or child.poll() is None, seconds=UP_AND_DOWN
        )
        if greeting is None:
            status = None if child is None else child.returncode
            end = "did not answer" if status is None else f"ended with status {status}"
            said = f"The local broker {end} while starting.{last_lines(self.output, *logs)}"
            raise PortTakenError(said) if self._says_that_a_port_is_taken(logs) else SetupError(said)
        return greeting

    def _says_that_a_port_is_taken(self, logs: Sequence[Path]) -> bool:
        """Somewhere in its output: what is shown of the output is cut."""
        said = [file.read_text(errors="replace") for file in (self.output, *logs) if file.exists()]
        return any(phrase in text for text in said for phrase in self._port_taken)

    def start_beside(
        self, command: Sequence[str | Path], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Starts a process that the broker needs beside it."""
        variable, value = self._mark
        with self.output.open("ab") as output:
            child = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**environment, variable: value},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
            )
        self._children.append(child)
        return child

    @property
    def process(self) -> psutil.Process | None:
        """The broker's process, whichever process of the run started it; None if the broker is down."""
        self._reap()
        with suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int(self._pid_file.read_text()))
            if self._is_ours(process):
                return process
        return None

    @property
    def ended_by_itself(self) -> bool:
        """Whether the broker was started, is down, and nobody has stopped or killed it here."""
        return self._pid_file.exists() and self.process is None

    def stop(self, seconds: float) -> None:
        """Sends TERM to the broker. Does nothing if it is down.

        Raises SetupError if it had to be killed after these seconds, or ended with a failure.
        """
        process = self.process
        if process is None:
            return
        self._pid_file.unlink()
        process.terminate()
        if not self._is_gone(process, seconds):
            self._kill_with_children(process)
            raise SetupError(f"The local broker did not stop within {seconds:.0f} s, and was killed.")
        status = next((child.returncode for child in self._children if child.pid == process.pid), 0)
        if status:
            raise SetupError(f"The local broker did not stop gracefully: it ended with status {status}.")

    def kill(self) -> None:
        """Kills the broker with all its child processes. Does nothing if it is down."""
        process = self.process
        if process is None:
            return
        self._pid_file.unlink()
        self._kill_with_children(process)

    def pause(self) -> None:
        """Sends STOP to the broker. Does nothing if it is down.

        Returns when the broker has stopped: on a busy machine it goes on for some milliseconds, and may answer a
        client. Raises SetupError if it does not stop.
        """
        process = self.process
        if process is None:
            return
        process.suspend()
        if not _comes_true(lambda: process.status() == psutil.STATUS_STOPPED, EVENTUALLY):
            raise SetupError(f"The local broker's process {process.pid} could not be paused.")

    def resume(self) -> None:
        """Sends CONT to the broker. Does nothing if it is down."""
        if process := self.process:
            process.resume()

    def close(self) -> None:
        """Kills every process that was started here, and removes the folder."""
        while left := list(self._left()):
            self._kill(left)
        self._reap()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _left(self) -> Iterator[psutil.Process]:
        self._reap()
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if self._is_ours(process):
                    yield process

    def _is_ours(self, process: psutil.Process) -> bool:
        variable, value = self._mark
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(variable) == value

    def _kill_with_children(self, process: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            self._kill([process, *process.children(recursive=True)])

    def _kill(self, processes: list[psutil.Process]) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        for process in processes:
            if not self._is_gone(process, EVENTUALLY):
                raise SetupError(f"The local broker's process {process.pid} could not be killed.")

    def _is_gone(self, process: psutil.Process, seconds: float) -> bool:
        """Waits until the process has ended. A zombie counts, since its parent may be another process of the run;
        but its ports are open until its last thread has ended.
        """
        return _comes_true(lambda: self._has_ended(process), seconds)

    def _has_ended(self, process: psutil.Process) -> bool:
        self._reap()
        try:
            is_zombie = process.status() == psutil.STATUS_ZOMBIE
            return not process.is_running() or (is_zombie and process.num_threads() <= 1)
        except psutil.NoSuchProcess:
            return True

    def _reap(self) -> None:
        for child in self._children:
            child.poll()


def _comes_true(question: Callable[[], bool], seconds: float) -> bool:
    """Waits until the answer is yes, for so many seconds at most. Returns the last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(POLL)
    return answer
