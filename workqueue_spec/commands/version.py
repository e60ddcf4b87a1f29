"""The versions of the suite, of its specification, and of the RabbitMQ on this machine.

This module uses the standard library only, since it runs before there is an environment.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from .. import cache_folder
from ..report.about import suite

_INSTALLED_RABBITMQ = Path("/usr/lib/rabbitmq")
_EDITIONS = Path(__file__).resolve().parents[1] / "specification" / "editions"


def versions() -> str:
    """A line for each."""
    name, version = suite()
    return "\n".join([f"{name} {version}", f"specification {_edition()}", f"RabbitMQ {_rabbitmq()}", ""])


def _edition() -> str:
    """The newest edition of the specification."""
    editions = {file.stem: file for file in _EDITIONS.glob("*.toml")}
    newest = max(editions, key=lambda name: [int(part) for part in name.split(".")], default=None)
    if newest is None:
        return "without an edition"
    is_draft = tomllib.loads(editions[newest].read_text(encoding="utf-8"))["draft"]
    return f"{newest} draft" if is_draft else newest


def _rabbitmq() -> str:
    found = next(_local_nodes(), None)
    return found or "not found: a run takes a container, or fetches a RabbitMQ for Debian or Ubuntu"


def _local_nodes() -> Iterator[str]:
    """The version and folder of each RabbitMQ that `--broker local` may use, the preferred one first."""
    for folder in (_INSTALLED_RABBITMQ, *cache_folder().glob("rabbitmq-*/usr/lib/rabbitmq")):
        for server in folder.glob("lib/rabbitmq_server-*"):
            if found := re.search(r"-(\d+\.\d+\.\d+\S*)$", server.name):
                yield f"{found[1]} in {folder}"
