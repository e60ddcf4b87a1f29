"""A run with --pcap, and what tshark reads in its files."""

import json
from collections import Counter
from pathlib import Path

import pytest

from workbench_tests import wireshark

from .whole_runs import LONG_ENOUGH, begin
from .wire_counts import FOLDER

pytestmark = pytest.mark.broker

ALIKE = (
    "P01 or P09 or P10 or W01 or W03 or W05 or W06 or W12 or W31 or B01 or B07 or B12 or B19 or B22 or B42"
)
"""Clauses in which the tap keeps no frame from its receiver."""

CUT = "P12 or P19 or W16 or W17 or W45"
"""Clauses in which connections are lost."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path | None]]:
    """The files of a run by their names, each with what the history of its test holds."""
    wireshark.needed()
    folder, counts = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("counts")
    run = begin(
        folder,
        *("-k", f"{ALIKE} or {CUT}", "--numprocesses", "2", "--pcap", str(folder / "seen" / "here")),
        *("-p", "workbench_tests.runs.wire_counts"),
        **{FOLDER: str(counts)},
    )
    output, _ = run.communicate(timeout=LONG_ENOUGH)
    assert run.returncode == 0, output
    histories = {file.stem: file for file in counts.iterdir()}
    return {
        file.stem: (file, histories.get(file.stem.partition("-")[2]))
        for file in sorted((folder / "seen" / "here").iterdir())
    }


def test_each_clause_has_its_file(files: dict[str, tuple[Path, Path | None]]) -> None:
    clauses = {name.partition("-")[0] for name in files}
    assert clauses >= {"P01", "W06", "W12", "B01", "B42", "P12"}


def test_every_packet_is_decoded(files: dict[str, tuple[Path, Path | None]]) -> None:
    wrong = {name: seen for name, (file, _) in files.items() if (seen := wireshark.seen_in(file)).complaints}
    assert wrong == {}


def test_what_passed_is_what_the_history_holds(files: dict[str, tuple[Path, Path | None]]) -> None:
    compared = Counter[str]()
    for name, (file, history) in files.items():
        if name.partition("-")[0] not in ALIKE.split(" or ") or history is None:
            continue
        told = {
            (who.replace(" ", "-"), sender, method): number
            for who, sender, method, number in json.loads(history.read_text())
            if method != "ProtocolHeader"
        }
        assert wireshark.seen_in(file).methods == told, name
        compared.update(method for _, _, method in told)
    assert compared["Basic.Deliver"]
    assert compared["Heartbeat"]


def test_a_cut_connection_is_reset(files: dict[str, tuple[Path, Path | None]]) -> None:
    seen = [wireshark.seen_in(file) for name, (file, _) in files.items() if name.startswith("P12-")]
    assert sum(each.resets for each in seen)
    assert all(len(each.streams) > 1 for each in seen)


def test_no_login_is_in_a_file(files: dict[str, tuple[Path, Path | None]]) -> None:
    for file, _ in files.values():
        assert b"guest\0guest" not in file.read_bytes()
        assert b"\0" * 3 + b"\x0c" + b"*" * 12 in file.read_bytes()
