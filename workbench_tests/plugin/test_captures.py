"""The names of the files of --pcap."""

import re

import pytest

from workqueue_spec.plugin.captures import file_name


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("W06 test_a_killed_worker", r"W06-test_a_killed_worker\.pcapng"),
        ("P09 test_texts[empty], other", r"P09-test_texts-empty-other\.pcapng"),
        ("B01 test_x[../../etc]", r"B01-test_x-\.\.-\.\.-etc-[0-9a-f]{8}\.pcapng"),
        ("B01 test_x[caf\xe9\n]", r"B01-test_x-caf-[0-9a-f]{8}\.pcapng"),
    ],
)
def test_a_file_has_safe_characters_only(name: str, file: str) -> None:
    assert re.fullmatch(file, file_name(name))


def test_names_that_would_become_the_same_stay_different() -> None:
    assert file_name("W01 test_x[a/b]") != file_name("W01 test_x[a:b]")


def test_long_names_are_cut_and_stay_different() -> None:
    first, second = file_name("W01 " + "x" * 300 + "1"), file_name("W01 " + "x" * 300 + "2")
    assert first != second
    assert len(first) < 140
