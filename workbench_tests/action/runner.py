"""Runs the steps of action.yml as GitHub's runner does: inputs resolved into `env:`, bash, outputs, annotations."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ruamel.yaml import YAML

from workqueue_spec import ROOT

ACTION: Mapping[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")
STEPS: Mapping[str, Any] = {step["id"]: step for step in ACTION["runs"]["steps"] if "id" in step}

_BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
"""How GitHub runs the script of a step whose `shell` is bash."""
_EXPRESSION = re.compile(r"\$\{\{ (inputs|steps)\.([\w-]+)(?:\.outputs\.([\w-]+))? \}\}")
_COMMAND = re.compile(r"::(?P<kind>[a-z-]+)(?: title=(?P<title>.*?))?::(?P<text>.*)")


@dataclass(frozen=True)
class Annotation:
    """A workflow command that the runner obeys."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True)
class Done:
    """What a step left."""

    status: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    written: Mapping[str, str]
    """The content of GITHUB_ENV and GITHUB_PATH, which the action does not use."""

    @property
    def annotations(self) -> list[Annotation]:
        return obeyed(self.log)


def run_step(folder: Path, name: str, suite: Path, inputs: Mapping[str, str], **variables: str) -> Done:
    """Runs the step of this name in the folder. `suite` is what the step `install` would have installed."""
    step = STEPS[name]
    assert step["shell"] == "bash"
    assert "${{" not in step["run"]
    defaults = {key: str(value.get("default", "")) for key, value in ACTION["inputs"].items()}
    outputs = {
        "python": {"python-path": sys.executable},
        "install": {"suite": str(suite)},
    }

    def resolved(found: re.Match[str]) -> str:
        context, key, output = found.groups()
        return ({**defaults, **inputs})[key] if context == "inputs" else outputs[key][output]

    files = {
        each: folder / each for each in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")
    }
    for file in files.values():
        file.write_text("")
    script = folder / "step.sh"
    script.write_text(step["run"])
    (folder / "runner temp").mkdir(exist_ok=True)
    done = subprocess.run(
        [*_BASH, str(script)],
        cwd=folder,
        env={
            **os.environ,
            **{key: str(file) for key, file in files.items()},
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_JOB": "test",
            "RUNNER_TEMP": str(folder / "runner temp"),
            **{key: _EXPRESSION.sub(resolved, value) for key, value in step["env"].items()},
            **variables,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Done(
        status=done.returncode,
        log=done.stdout,
        outputs=_outputs(files["GITHUB_OUTPUT"].read_text()),
        summary=files["GITHUB_STEP_SUMMARY"].read_text(),
        written={each: files[each].read_text() for each in ("GITHUB_ENV", "GITHUB_PATH")},
    )


def obeyed(log: str) -> list[Annotation]:
    """The workflow commands in a log that the runner obeys.

    The runner looks at each line without the spaces around it. It also knows an older form, anywhere in a line.
    After `::stop-commands::TOKEN` it obeys nothing until `::TOKEN::`.
    """
    found = []
    token = ""
    for line in log.splitlines():
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif line.strip().startswith("::stop-commands::"):
            token = line.strip().removeprefix("::stop-commands::")
        elif "##[" in line:
            found.append(Annotation("old", "", line))
        elif command := _COMMAND.fullmatch(line.strip()):
            # unquote() decodes more than the runner does, which is no matter for the texts of these tests.
            found.append(
                Annotation(command["kind"], unquote(command["title"] or ""), unquote(command["text"]))
            )
    assert token == ""
    return found


def _outputs(text: str) -> dict[str, str]:
    """The outputs in GITHUB_OUTPUT, as the runner reads them."""
    outputs: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if "<<" in line and ("=" not in line or line.index("<<") < line.index("=")):
            name, _, end = line.partition("<<")
            value = []
            for each in lines:
                if each == end:
                    break
                value.append(each)
            outputs[name] = "\n".join(value)
        else:
            name, _, outputs[name] = line.partition("=")
    return outputs
