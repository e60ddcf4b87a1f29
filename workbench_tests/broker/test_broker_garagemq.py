"""What is said of a GarageMQ that has ended, and of its package."""

from pathlib import Path

import pytest

from workqueue_spec.broker import debian
from workqueue_spec.broker.garagemq import _last_words

PANIC = """\
time="2026-11-28" level=info msg="accepting connection"
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x20 pc=0x7d3f5a]

goroutine 93 [running]:
panic(0x8a5a20, 0xc00004c0b0)
\t/usr/lib/go/src/runtime/panic.go:884 +0x212
github.com/valinurovam/garagemq/server.(*Channel).handleIncoming(0xc0001aa000)
\tgithub.com/valinurovam/garagemq/server/channel.go:151 +0x37a
"""


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            PANIC,
            "panic: runtime error: invalid memory address or nil pointer dereference (server/channel.go:151)",
        ),
        (
            "fatal error: all goroutines are asleep - deadlock!\n",
            "fatal error: all goroutines are asleep - deadlock!",
        ),
        ("starting\nno \x1b[1mluck\n", "no \\x1b[1mluck"),
        ("", ""),
    ],
)
def test_the_last_words_are_gos_report_or_the_last_line(output: str, said: str) -> None:
    assert _last_words(output) == said


def test_the_version_of_an_unpacked_package_is_known(tmp_path: Path) -> None:
    assert debian.version(tmp_path, "garagemq") == ""
    (tmp_path / "fetched-packages").write_text(
        "libzstd1_1%3a1.5.4_amd64\ngaragemq_0.0~git2020+ds-4+b6_amd64\n"
    )
    assert debian.version(tmp_path, "garagemq") == "0.0~git2020+ds-4+b6"
    assert debian.version(tmp_path, "libzstd1") == "1:1.5.4"
    assert debian.version(tmp_path, "garage") == ""
