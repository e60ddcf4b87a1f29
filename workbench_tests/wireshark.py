"""Debian's tshark reads a file as Wireshark does."""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pamqp.commands
import pytest

_FIELDS = (
    "tcp.stream",
    "tcp.srcport",
    "ip.src_host",
    "ip.dst_host",
    "amqp.type",
    "amqp.method.class",
    "amqp.method.method",
    "tcp.flags.fin",
    "tcp.flags.reset",
    "_ws.malformed",
    "_ws.expert.severity",
    "tcp.analysis.flags",
    "frame.protocols",
)
_ERROR = 0x00800000
"""Of Wireshark's experts. A warning is less: a RST is one, and so is a close with another code than 200."""
_HEARTBEAT = "8"


@dataclass
class Seen:
    """What tshark makes of a file."""

    streams: set[str] = field(default_factory=set)
    resets: int = 0
    methods: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often each method and heartbeat passed until a side ended: (name of the client, sender, method)."""
    complaints: list[str] = field(default_factory=list)
    """The packets with anything malformed, a remark of the analysis of TCP, or an error."""


def needed() -> None:
    """Skips the test if tshark is not installed; fails it on a machine of CI."""
    if shutil.which("tshark") is None:
        why = "tshark is not installed (Debian: apt-get install --no-install-recommends tshark)"
        if os.environ.get("CI"):
            pytest.fail(why, pytrace=False)
        pytest.skip(why)


def seen_in(file: Path) -> Seen:
    """What tshark makes of the file, with its usual settings."""
    seen = Seen()
    ended: set[str] = set()
    for row in _rows(file):
        (
            stream,
            port,
            source,
            target,
            types,
            classes,
            methods,
            fin,
            reset,
            malformed,
            severity,
            analysis,
            protocols,
        ) = row
        seen.streams.add(stream)
        seen.resets += _is_set(reset)
        is_error = any(each and int(each) >= _ERROR for each in severity.split(","))
        if malformed or analysis or is_error or "tcp" not in protocols:
            seen.complaints.append("  ".join(row))
        if stream in ended:
            continue
        if _is_set(fin) or _is_set(reset):
            ended.add(stream)
        sender, party = ("broker", target) if port == "5672" else ("client", source)
        names = [_name(*each) for each in zip(classes.split(","), methods.split(","), strict=True)]
        names += ["Heartbeat"] * types.split(",").count(_HEARTBEAT)
        seen.methods.update((party, sender, name) for name in names if name)
    return seen


def _rows(file: Path) -> Iterator[list[str]]:
    command = ["tshark", "-r", str(file), "-N", "n", "-T", "fields", "-E", "occurrence=a"]
    fields = [word for each in _FIELDS for word in ("-e", each)]
    done = subprocess.run([*command, *fields], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        yield line.split("\t")


def _is_set(flag: str) -> bool:
    return flag in {"1", "True"}


def _name(class_: str, method: str) -> str:
    if not class_:
        return ""
    return str(vars(pamqp.commands.INDEX_MAPPING[int(class_) << 16 | int(method)])["name"])
