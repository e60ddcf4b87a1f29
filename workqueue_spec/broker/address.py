"""Where a broker is reached, and who may log in."""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from ..errors import SetupError

PORTS = {"amqp": 5672, "amqps": 5671}


@dataclass(frozen=True)
class Address:
    """An AMQP listener and the credentials for it. The password is in no text but `url()`."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool = False

    def url(self, virtual_host: str = "/", *, host: str | None = None, port: int | None = None) -> str:
        """The AMQP URL with the password, percent-encoded; `host` and `port` name another way to it."""
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        listener = _listener(host or self.host, port or self.port)
        return f"{self._scheme}://{credentials}@{listener}/{quote(virtual_host, safe='')}"

    def shown(self) -> str:
        """The URL without the password and the virtual host, for people to read."""
        return f"{self._scheme}://{quote(self.user, safe='')}@{_listener(self.host, self.port)}"

    @property
    def _scheme(self) -> str:
        return "amqps" if self.tls else "amqp"

    @classmethod
    def parse(cls, url: str) -> tuple[Self, str]:
        """The address and the virtual host that an AMQP URL names.

        Missing credentials are guest's, a missing port is the scheme's, and no path, or `/` alone, is the
        virtual host `/`. Raises SetupError, which never quotes the password.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise SetupError("The broker's URL has a host or a port that is none.") from error
        if parts.scheme not in PORTS:
            raise SetupError("The broker's URL begins with neither amqp:// nor amqps://.")
        if not host:
            raise SetupError("The broker's URL names no host.")
        user = "guest" if parts.username is None else unquote(parts.username)
        password = "guest" if parts.password is None else unquote(parts.password)
        address = cls(unquote(host), port or PORTS[parts.scheme], user, password, parts.scheme == "amqps")
        return address, unquote(parts.path.removeprefix("/")) or "/"


def _listener(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
