"""The step of action.yml with the suite itself on a real broker: a good worker and a bad one."""

import json
import re
import shlex
import stat
import sys
from pathlib import Path

import pytest

from workqueue_spec import ROOT

from .runner import Annotation, run_step

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

_SUITE = """\
#!/bin/sh
shift
cd {root} && exec {python} -m pytest spec_tests -p no:cacheprovider --numprocesses 0 -k "W01 or W03" "$@"
"""


@pytest.fixture
def real_suite(tmp_path: Path) -> Path:
    """`workqueue-spec` of this checkout, for two clauses."""
    script = tmp_path / "suite"
    script.write_text(_SUITE.format(root=shlex.quote(str(ROOT)), python=shlex.quote(sys.executable)))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def worker(module: str) -> str:
    """The command of a worker of this repository."""
    return shlex.join([sys.executable, "-m", module])


def test_a_good_worker_passes(tmp_path: Path, real_suite: Path) -> None:
    inputs = {"worker": worker("reference.worker"), "broker": "local", "class": "core"}
    done = run_step(tmp_path, "check", real_suite, inputs)
    assert (done.status, done.outputs["verdict"]) == (0, "inconclusive"), done.log
    assert done.annotations == []
    assert json.loads(Path(done.outputs["report"]).read_text())["counts"]["passed"] == 2
    assert sorted(each.name for each in Path(done.outputs["folder"]).iterdir()) == [
        "report.json",
        "report.xml",
    ]
    assert "| 2 | 0 | 0 |" in done.summary


@pytest.mark.parametrize(("fail_on", "status"), [("must", 1), ("never", 0)])
def test_a_bad_worker_is_shown_and_fails_unless_nothing_may_fail(
    tmp_path: Path, real_suite: Path, fail_on: str, status: int
) -> None:
    inputs = {
        "worker": worker("mutants.workers.acks_before_the_work"),
        "broker": "local",
        "fail-on": fail_on,
    }
    done = run_step(tmp_path, "check", real_suite, inputs)
    assert (done.status, done.outputs["verdict"]) == (status, "nonconformant"), done.log
    first, *others = done.annotations
    assert (first.kind, first.title) == ("error", "W03 ack-after-work")
    assert re.search(r"\nexpected: the acknowledgement \d+\.\d+ s after .*\nseen: ", first.text)
    assert others == ([Annotation("error", "workqueue-spec", "W03 failed.")] if status else [])
    assert re.search(r"\n- expected: <code>the acknowledgement \d+&#46;\d+ s after", done.summary)
    assert "-&gt; basic.ack delivery_tag=1" in done.summary


def test_a_hostile_worker_is_misuse(tmp_path: Path, real_suite: Path) -> None:
    pwned = tmp_path / "pwned"
    inputs = {"worker": f"$(touch {pwned}); touch {pwned}\n::error::injected", "broker": "local"}
    done = run_step(tmp_path, "check", real_suite, {**inputs, "fail-on": "never"})
    assert (done.status, done.outputs["verdict"]) == (4, ""), done.log
    assert [(each.kind, each.title) for each in done.annotations] == [("error", "workqueue-spec")]
    assert not pwned.exists()
