"""A producer that is a long-lived service, which publishes when it is asked to, and what shows that it is ready."""

import contextlib
import http.client
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from .command import Command

SHORTEST_LIMIT = 32_768
"""The lowest limit that a service may have: some clauses need a text of 20 kB."""
_LONGEST = 2.0
"""Seconds for one question whether the service is ready; it is asked again after that."""


@dataclass(frozen=True)
class Service:
    """The command that starts a service, and what shows that it is ready for requests."""

    command: Command
    ready_url: str = ""
    """A URL that answers with a status from 200 to 399 as soon as the service is ready."""
    ready_line: re.Pattern[str] | None = None
    """What is found in a line of its output as soon as the service is ready. Without both, the service is ready
    when something listens on its port."""
    longest_text: int | None = None
    """The most bytes of a text that it accepts; None if it has no such limit."""

    @property
    def not_ready(self) -> str:
        """What is so as long as it is not ready, as a sentence without its full stop."""
        if self.ready_line is not None:
            return "no line of its output has ready_line"
        return f"{self.ready_url} does not answer" if self.ready_url else "nothing listens on {service_port}"


def answers(url: str) -> bool:
    """Whether this http URL answers now, with a status from 200 to 399."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_LONGEST)
    try:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", f"{parts.path or '/'}{'?' * bool(parts.query)}{parts.query}")
            return 200 <= connection.getresponse().status < 400
        return False
    finally:
        connection.close()


def listens(port: int) -> bool:
    """Whether something listens on this port of this machine's loopback interface."""
    for host in ("127.0.0.1", "::1"):
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=_LONGEST):
            return True
    return False
