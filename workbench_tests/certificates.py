"""A private authority and a certificate for this machine, made by openssl, for tests of TLS."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificates:
    """The files of one authority, and of one server whose certificate it signed."""

    ca: Path
    certificate: Path
    key: Path


def made_in(folder: Path) -> Certificates:
    """New files in the folder. Skips the test if there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    (folder / "names").write_text(names)
    for arguments in (
        (
            "req",
            "-x509",
            *new_key,
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "2",
            "-subj",
            "/CN=a private CA",
        ),
        ("req", *new_key, "-keyout", "key.pem", "-out", "request", "-subj", "/CN=localhost"),
        (
            *("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
            *("-out", "certificate.pem", "-days", "2", "-extfile", "names"),
        ),
    ):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    return Certificates(folder / "ca.pem", folder / "certificate.pem", folder / "key.pem")
