"""The steps of the action in action.yml: `steps.py install` and `steps.py check`.

Each input is an environment variable, `INPUT_` and its name. An input is one argument of a process that is started
without a shell, whatever the input holds. This file and findings.py need the standard library only.
"""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

sys.path.insert(
    0, str(Path(__file__).parent)
)  # PYTHONSAFEPATH in the job's environment leaves this folder out

import findings

OPTIONS = {
    "INPUT_PRODUCER": "--producer",
    "INPUT_WORKER": "--worker",
    "INPUT_PROFILE": "--implementation",
    "INPUT_QUEUE_TYPE": "--queue-type",
    "INPUT_CLASS": "--class",
    "INPUT_SPEC": "--spec",
}
"""The inputs that are handed to the suite as they are, and the option of each."""

BROKER_URL = "WORKQUEUE_SPEC_BROKER_URL"
"""The variable with the broker's URL, so that no list of processes shows its password."""

_RUNNERS = frozenset(
    {
        "GITHUB_ENV",
        "GITHUB_OUTPUT",
        "GITHUB_PATH",
        "GITHUB_STATE",
        "GITHUB_STEP_SUMMARY",
        "ACTION_PYTHON",
        "ACTION_SUITE",
    }
)
"""Variables of the step itself. A program under test does not get them, so it sets no output by accident."""

_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*((a|b|rc|\.post|\.dev)[0-9]+)*")
"""A version such as 0.2.0 or 1.0rc1, and nothing else that pip would obey."""

FAILED, NOT_RUN, MISUSED = 1, 3, 4
"""Exit statuses, as the suite uses them."""


class StepError(Exception):
    """Ends the step with a sentence and an exit status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def main(step: str) -> int:
    """Runs one step and returns its exit status. Whatever ends it is an annotation, too."""
    try:
        return {"install": install, "check": check}[step](os.environ)
    except StepError as error:
        _say(findings.workflow_command("error", "workqueue-spec", str(error)))
        return error.status


def install(variables: Mapping[str, str]) -> int:
    """Installs the suite in an environment of its own, and sets the output `suite` to the path of its command.

    The job's own Python and its packages stay as they are.
    """
    wanted = requirement(variables["INPUT_VERSION"].strip(), Path(variables["GITHUB_ACTION_PATH"]))
    folder = Path(tempfile.mkdtemp(prefix="workqueue-spec-", dir=variables["RUNNER_TEMP"]))
    python = folder / "bin" / "python"
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted],
    ):
        if subprocess.run(command, check=False).returncode:
            raise StepError(
                NOT_RUN, f"workqueue-spec could not be installed: {command[2]} failed, see the log."
            )
    _set_outputs(variables, suite=str(folder / "bin" / "workqueue-spec"))
    return 0


def requirement(version: str, checkout: Path) -> str:
    """What pip installs: this version from PyPI, or without one the action's own checkout.

    Raises StepError if this is not a version.
    """
    if not version:
        return str(checkout.absolute())
    if not _VERSION.fullmatch(version):
        shown = findings.plain(version, 40)
        raise StepError(
            MISUSED, f"version: {shown!r} is not a version; give one such as 0.2.0, or leave it empty."
        )
    return f"workqueue-spec=={version}"


def check(variables: Mapping[str, str]) -> int:
    """Runs the suite, and shows what it found out. Returns the suite's status, or what `fail-on` makes of it."""
    fail_on = variables["INPUT_FAIL_ON"].strip()
    if fail_on not in findings.FAIL_ON:
        shown = findings.plain(fail_on, 40)
        raise StepError(MISUSED, f"fail-on: {shown!r} is not one of {', '.join(findings.FAIL_ON)}.")
    folder = Path(tempfile.mkdtemp(prefix="workqueue-spec-reports-", dir=variables["RUNNER_TEMP"]))
    file = folder / "report.json"
    options = [*options_of(variables), f"--report-json={file}", f"--junit-xml={folder / 'report.xml'}"]
    status = _run([variables["ACTION_SUITE"], "check", *options], environment_of(variables))
    report, mistake = read(file)
    problem = findings.why_it_fails(status, report, fail_on)
    if mistake and status in (0, FAILED):
        problem = f"{problem}. {mistake}".rstrip(".")
    _set_outputs(
        variables,
        verdict=report["verdict"] if report else "",
        report=str(file) if file.exists() else "",
        folder=str(folder) if any(folder.iterdir()) else "",
        artifact=artifact_name(variables.get("GITHUB_JOB", "")),
    )
    with Path(variables["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as shown_by_github:
        shown_by_github.write(findings.summary(report, problem))
    for line in findings.annotations(report, fail_on) if report else ():
        _say(line)
    if not problem:
        return 0
    raise StepError(status or FAILED, f"{problem[:1].upper()}{problem[1:]}.")


def options_of(variables: Mapping[str, str]) -> list[str]:
    """The suite's options for the inputs that are not empty. Each is one argument, so no value can be an option."""
    options = [f"{option}={value}" for name, option in OPTIONS.items() if (value := variables[name].strip())]
    broker = variables["INPUT_BROKER"].strip() or "auto"
    return [*options, f"--broker=env:{BROKER_URL}" if "://" in broker else f"--broker={broker}"]


def environment_of(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of the suite: the job's, without the inputs and the files for a step's outputs."""
    kept = {
        name: value
        for name, value in variables.items()
        if name not in _RUNNERS and not name.startswith("INPUT_")
    }
    broker = variables["INPUT_BROKER"].strip()
    return {**kept, BROKER_URL: broker} if "://" in broker else kept


def read(file: Path) -> tuple[findings.Report | None, str]:
    """The report, or a sentence that says why it cannot be read. If there is no report, both are empty."""
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None, ""
    except ValueError:
        return None, "The report is not JSON."
    mistake = findings.mistake_in(report)
    return (None, mistake) if mistake else (report, "")


def artifact_name(job: str) -> str:
    """A name that no other job of the workflow uses, not even another job of the same matrix."""
    return f"workqueue-spec-{re.sub(r'[^A-Za-z0-9_-]', '-', job)[:60] or 'job'}-{secrets.token_hex(4)}"


def _run(command: list[str], environment: Mapping[str, str]) -> int:
    """Runs the command and returns its status. The runner obeys nothing that it prints, and signals reach it."""
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    token = secrets.token_hex(16)
    _say(f"::stop-commands::{token}")
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        _say(f"::{token}::")
        raise StepError(NOT_RUN, f"The suite cannot be started: {error.strerror}.") from None
    for came in early:  # while the suite was being started
        process.send_signal(came)
    status = process.wait()
    _say(f"\n::{token}::")
    return status if status >= 0 else 128 - status


def _set_outputs(variables: Mapping[str, str], **outputs: str) -> None:
    """Sets outputs of the step, each between two lines that no value can hold, since they are drawn by chance."""
    with Path(variables["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        for name, value in outputs.items():
            end = f"end-{secrets.token_hex(16)}"
            file.write(f"{name}<<{end}\n{value}\n{end}\n")


def _say(line: str) -> None:
    sys.stdout.buffer.write(f"{line}\n".encode())  # the runner reads UTF-8, whatever the machine's locale is
    sys.stdout.buffer.flush()  # before the output of the suite


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
