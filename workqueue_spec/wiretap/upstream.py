"""Where the broker is, and which node of a cluster answers."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

_PROTOCOL: Final = b"AMQP\x00\x00\x09\x01"
_ANSWERS_WITHIN: Final = 2.0
"""Seconds within which a node of a cluster begins its connection.start. It takes milliseconds, unless the node is
paused or has no majority."""


@dataclass(frozen=True)
class Upstream:
    """Where the broker is. With `tls` the tap speaks TLS to the broker; to its clients it speaks plain AMQP."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    server_hostname: str | None = None
    """The name that the broker's certificate must carry; None: `host`."""
    others: Sequence[tuple[str, int]] = ()
    """Host and port of the other nodes, if the broker is a cluster: a connection goes to a node that answers. The
    certificate of each of these nodes must carry its host."""

    @property
    def tls_name(self) -> str | None:
        """The name to check the certificate by; None without TLS."""
        return None if self.tls is None else self.server_hostname or self.host

    def nodes(self) -> list[Self]:
        """Each node by itself, in order."""
        others = [replace(self, host=host, port=port, server_hostname=None) for host, port in self.others]
        return [replace(each, others=()) for each in (self, *others)]


async def first_that_answers(nodes: Sequence[Upstream]) -> Upstream:
    """The first of the nodes that answers by AMQP. Raises OSError if none of them does.

    An open port shows nothing: the kernel accepts connections for a node that is paused, and a container engine for
    one that does not listen yet.
    """
    for node in nodes:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_ANSWERS_WITHIN):
                if await _answers(node):
                    return node
    raise OSError(f"none of {len(nodes)} nodes answers")


async def _answers(node: Upstream) -> bool:
    reader, writer = await asyncio.open_connection(
        node.host, node.port, ssl=node.tls, server_hostname=node.tls_name
    )
    try:
        writer.write(_PROTOCOL)
        return await reader.read(1) == b"\x01"
    finally:
        writer.close()
