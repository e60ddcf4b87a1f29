"""The address of a broker: host, port and credentials."""

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from ..errors import SetupError

PORTS = {"amqp": 5672, "amqps": 5671}


@dataclass(frozen=True)
class Address:
    """An AMQP listener and the credentials for it. Only `url()` shows the password."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool = False
    ca: str = ""
    """A file with the certificates of the authorities to trust, as PEM; empty for those that OpenSSL trusts."""
    others: tuple[tuple[str, int], ...] = ()
    """Host and port of the other nodes, if the broker is a cluster."""

    @classmethod
    def of_cluster(cls, nodes: Sequence[Self]) -> Self:
        """The address of a cluster from those of its nodes, which differ in host and port alone."""
        first, *others = nodes
        return replace(first, others=tuple((each.host, each.port) for each in others))

    def nodes(self) -> Iterator[Self]:
        """The address of each node by itself; of a broker that is no cluster, this address alone."""
        for host, port in ((self.host, self.port), *self.others):
            yield replace(self, host=host, port=port, others=())

    def url(self, virtual_host: str = "/", *, host: str | None = None, port: int | None = None) -> str:
        """The AMQP URL with the password, percent-encoded.

        `host` and `port` replace the address's own, for a tap in front of the broker.
        """
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        listener = _listener(host or self.host, port or self.port)
        return f"{self._scheme}://{credentials}@{listener}/{quote(virtual_host, safe='')}"

    def shown(self) -> str:
        """The URL without the password and the virtual host, for readers. A cluster's nodes stand side by side."""
        nodes = ((self.host, self.port), *self.others)
        return f"{self._scheme}://{quote(self.user, safe='')}@{','.join(_listener(*each) for each in nodes)}"

    def tls_context(self) -> ssl.SSLContext | None:
        """How TLS is spoken with it; None if it is not. Raises OSError if the file of `ca` cannot be read."""
        return ssl.create_default_context(cafile=self.ca or None) if self.tls else None

    @property
    def _scheme(self) -> str:
        return "amqps" if self.tls else "amqp"

    @classmethod
    def parse(cls, url: str) -> tuple[Self, str]:
        """The address and the virtual host in an AMQP URL.

        Without credentials they are guest's, without a port it is the scheme's, and without a path, or with the
        path `/`, the virtual host is `/`. Raises SetupError, whose text never shows the password.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise SetupError("The broker's URL has an invalid host or port.") from error
        if parts.scheme not in PORTS:
            raise SetupError("The broker's URL must begin with amqp:// or amqps://.")
        if not host:
            raise SetupError("The broker's URL names no host.")
        user = "guest" if parts.username is None else unquote(parts.username)
        password = "guest" if parts.password is None else unquote(parts.password)
        address = cls(unquote(host), port or PORTS[parts.scheme], user, password, parts.scheme == "amqps")
        return address, unquote(parts.path.removeprefix("/")) or "/"


def _listener(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
