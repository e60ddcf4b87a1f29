"""A run with --pcap, and what tshark reads in its files."""

import json
from collections import Counter
from pathlib import Path

import pytest

from workbench_tests import wireshark

from .whole_runs import LONG_ENOUGH, begin
from .wire_counts import FOLDER

pytestmark = [pytest.mark.broker, pytest.mark.timeout(3 * LONG_ENOUGH)]

ALIKE = "P01 or W06 or W12 or W17 or W45 or B01 or B19 or B22 or B42"
"""Clauses in which the tap keeps no frame from its receiver. P01 sends a body larger than frame_max, W06 kills the
worker, W12 asks for heartbeats, and in W17, W45 and B19 connections are lost."""

CUT = "P12"
"""A clause in which the tap cuts and refuses connections."""


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
    output, _ = run.communicate(timeout=2 * LONG_ENOUGH)
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
    of = {name: wireshark.seen_in(file) for name, (file, _) in files.items() if name.startswith("P12-")}
    resets = next(seen for name, seen in of.items() if name.endswith("-connections-reset"))
    refused = next(seen for name, seen in of.items() if name.endswith("-connections-refused"))
    assert resets.resets == len(resets.streams) > 1
    assert not refused.streams


def test_no_login_is_in_a_file(files: dict[str, tuple[Path, Path | None]]) -> None:
    raws = {name: file.read_bytes() for name, (file, _) in files.items()}
    assert not [name for name, raw in raws.items() if b"\0guest\0guest" in raw]
    assert [name for name, raw in raws.items() if b"\0\0\0\x0c" + b"*" * 12 in raw]
