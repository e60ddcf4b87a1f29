"""The first frames of AMQP 0-9-1, up to an open virtual host: they show whether a broker answers, and which one.

A log line or an accepted connection shows less: docker-proxy accepts connections before the broker listens, and
after a restart the log still has the line of the start before.
"""

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pamqp import base, commands, constants, exceptions, frame, header

from ..timeouts import EVENTUALLY, POLL
from .address import Address
from .transcript import printable

_SECONDS_PER_ATTEMPT = EVENTUALLY / 3
_LONGEST_FRAME = 1 << 20

_Method = TypeVar("_Method", bound=base.Frame)


class NotAmqp(Exception):
    """Something answers, but not by AMQP 0-9-1."""


class Refused(Exception):
    """The broker closed the AMQP connection or the socket during the login. The text is the broker's reason."""


class LoginRefused(Refused):
    """The broker did not let the user in."""


@dataclass(frozen=True)
class Greeting:
    """The product and version that the broker names in connection.start."""

    product: str
    version: str


def greet(address: Address, virtual_host: str = "/") -> Greeting:
    """Logs in, opens the virtual host and closes the connection. In a cluster, the first node that does all this
    answers.

    Raises NotAmqp, LoginRefused, Refused, or OSError if nothing answers in time (ssl.SSLError is an OSError). In a
    cluster it raises what the last node said.
    """
    *nodes, last = address.nodes()
    for node in nodes:
        with suppress(NotAmqp, Refused, OSError):
            return _greet(node, virtual_host)
    return _greet(last, virtual_host)


def _greet(address: Address, virtual_host: str) -> Greeting:
    with socket.create_connection((address.host, address.port), _SECONDS_PER_ATTEMPT) as plain:
        context = address.tls_context()
        if context is None:
            return _open(_Wire(plain), address, virtual_host)
        with context.wrap_socket(plain, server_hostname=address.host) as wrapped:
            return _open(_Wire(wrapped), address, virtual_host)


def await_greeting(address: Address, alive: Callable[[], bool], seconds: float) -> Greeting | None:
    """The greeting of a broker that is starting; None as soon as it is not `alive`, or if `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and alive():
        try:
            return greet(address)
        except (OSError, NotAmqp, Refused):
            time.sleep(POLL)
    return None


def _open(wire: "_Wire", address: Address, virtual_host: str) -> Greeting:
    wire.send_header()
    start = wire.receive(commands.Connection.Start, NotAmqp)
    credentials = f"\0{address.user}\0{address.password}"
    wire.send(
        commands.Connection.StartOk(
            client_properties={"capabilities": {"authentication_failure_close": True}},
            mechanism="PLAIN",
            response=credentials,
            locale="en_US",
        )
    )
    tune = wire.receive(commands.Connection.Tune, LoginRefused)
    wire.send(commands.Connection.TuneOk(tune.channel_max, tune.frame_max, 0))
    wire.send(commands.Connection.Open(virtual_host=virtual_host))
    wire.receive(commands.Connection.OpenOk, Refused)
    wire.send(commands.Connection.Close(200, "probed", 0, 0))
    wire.receive(commands.Connection.CloseOk, Refused)
    product, version = (str(start.server_properties.get(key, "unknown")) for key in ("product", "version"))
    return Greeting(printable(product), printable(version))


class _Wire:
    """Sends and receives method frames of channel 0 over one socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def send_header(self) -> None:
        self._socket.sendall(header.ProtocolHeader().marshal())

    def send(self, method: base.Frame) -> None:
        self._socket.sendall(frame.marshal(method, 0))

    def receive(self, expected: type[_Method], otherwise: type[Exception]) -> _Method:
        """The next method. Raises `otherwise` if the peer closes the socket; else NotAmqp or Refused."""
        try:
            head = self._read(constants.FRAME_HEADER_SIZE)
            kind, _channel, length = frame.frame_parts(head)
            if head.startswith(b"HTTP/"):
                raise NotAmqp("it is an HTTP server")
            if kind != constants.FRAME_METHOD or length is None or length > _LONGEST_FRAME:
                raise NotAmqp("it sent no method frame")
            _size, _channel, method = frame.unmarshal(head + self._read(length + 1))
        except (EOFError, ConnectionResetError) as error:
            raise otherwise("it closed the connection without a reason") from error
        except (exceptions.UnmarshalingException, struct.error, ValueError) as error:
            raise NotAmqp("it sent no AMQP frame") from error
        if isinstance(method, commands.Connection.Close):
            refused = LoginRefused if otherwise is LoginRefused else Refused
            raise refused(f"{method.reply_code} {printable(method.reply_text)}")
        if not isinstance(method, expected):
            raise NotAmqp(f"it sent {type(method).__name__} instead of {expected.__name__}")
        return method

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data
