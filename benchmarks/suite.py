"""A run of `./spec check` as a child process."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence

from workqueue_spec import ROOT
from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError
from workqueue_spec.programs.variables import for_a_program

from .processes import stopwatch

_NOT_CONFORMANT = 1


def check(run: Run, options: Sequence[str], variables: Mapping[str, str]) -> float:
    """Runs `./spec check` with the options, and returns how many seconds it took.

    Raises SetupError, with the last line of its output, if it did not end with a verdict. If this process is
    interrupted, so is the run, which then clears up.
    """
    command = [str(ROOT / "spec"), "check", "--quiet", *options]
    with tempfile.TemporaryFile(dir=run.temporary) as output:
        began = stopwatch()
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**for_a_program(os.environ), **run.environment("benchmarks"), **variables},
            start_new_session=True,
        ) as process:
            try:
                status = process.wait()
            except BaseException:
                process.send_signal(signal.SIGINT)
                process.wait()
                raise
        seconds = stopwatch() - began
        if status not in (0, _NOT_CONFORMANT):
            output.seek(0)
            said = output.read().decode(errors="replace").strip().splitlines()
            last = said[-1] if said else "no output"
            raise SetupError(f"./spec check failed with status {status}: {last}")
    return seconds
