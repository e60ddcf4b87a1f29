"""A listening address that is kept while nobody listens on it."""

import socket
from typing import Final

_BACKLOG: Final = 128


class Address:
    """A port of our own. Raises OSError where it is taken.

    One socket is bound to it for good and never listens, so a connect is refused by the kernel while no other
    does. Ports can be shared only among sockets that both allow it (SO_REUSEPORT); the first is bound before
    it allows that, so another process, even one with such sockets, finds the address taken.
    """

    def __init__(self, host: str, port: int) -> None:
        self._family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._host = host
        self._guard = self._socket()
        try:
            self._guard.bind((host, port))
        except OSError:
            self._guard.close()
            raise
        self._guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        self._guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.port: int = self._guard.getsockname()[1]

    def listen(self) -> socket.socket:
        """A socket that listens on it, from this moment on. Close it, and connects are refused again."""
        listener = self._socket()
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((self._host, self.port))
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
        return listener

    def give_back(self) -> None:
        """Lets go of the port, once no listener is left."""
        self._guard.close()

    def _socket(self) -> socket.socket:
        """SO_REUSEADDR: connections that ended a moment ago do not keep the port."""
        made = socket.socket(self._family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return made
