"""The versions of the suite, of its specification, and of the RabbitMQ on this machine.

This module uses the standard library only, since it runs before there is an environment.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from .. import cache_folder
from ..report.about import suite
from ..specification import edition

_INSTALLED_RABBITMQ = Path("/usr/lib/rabbitmq")


def versions() -> str:
    """A line for each."""
    name, version = suite()
    return "\n".join([f"{name} {version}", f"specification {_edition()}", f"RabbitMQ {_rabbitmq()}", ""])


def _edition() -> str:
    """The newest edition of the specification."""
    names = edition.names()
    return edition.read(names[-1]).title if names else "without an edition"


def _rabbitmq() -> str:
    found = next(_local_nodes(), None)
    return found or "not found: a run takes a container, or fetches a RabbitMQ for Debian or Ubuntu"


def _local_nodes() -> Iterator[str]:
    """The version and folder of each RabbitMQ that `--broker local` may use, the preferred one first."""
    for folder in (_INSTALLED_RABBITMQ, *cache_folder().glob("rabbitmq-*/usr/lib/rabbitmq")):
        for server in folder.glob("lib/rabbitmq_server-*"):
            if found := re.search(r"-(\d+\.\d+\.\d+\S*)$", server.name):
                yield f"{found[1]} in {folder}"
