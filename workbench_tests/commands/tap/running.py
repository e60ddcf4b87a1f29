"""The command as a process of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from workqueue_spec import ROOT
from workqueue_spec.timeouts import EVENTUALLY


class Running:
    """A tap that runs on a free port. It is killed at the end of the test if it still runs."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self.port = 0

    @classmethod
    @contextmanager
    def begin(cls, broker_port: int, *arguments: str) -> Iterator[Self]:
        command = [sys.executable, "-m", "workqueue_spec.commands.tap", "--listen", "0"]
        process = subprocess.Popen(
            [*command, "--to", f"127.0.0.1:{broker_port}", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with process:
            running = cls(process)
            try:
                listening = running.until("listening")
                if "--json" in arguments:
                    running.port = json.loads(listening)["port"]
                else:
                    running.port = int(listening.partition("127.0.0.1:")[2].partition(",")[0])
                yield running
            finally:
                process.kill()

    def until(self, text: str) -> str:
        """Reads lines until one contains the text. Returns that line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.removesuffix("\n"))
            if text in line:
                return self.lines[-1]
        raise AssertionError(f"it ended without {text!r}: {self.lines} {self.process.communicate()}")

    def end(self, number: signal.Signals) -> int:
        """Sends the signal, and reads the remaining lines. Returns the exit status."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=EVENTUALLY)
        assert err == ""
        self.lines += out.splitlines()
        return self.process.returncode
