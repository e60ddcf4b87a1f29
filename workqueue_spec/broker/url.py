"""A broker of the user, given by URL: it is never restarted, killed or emptied, and is left as it was found."""

import shutil
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import NoReturn, Self

from ..errors import SetupError
from .address import Address
from .base import own_folder, read_handle, write_handle
from .definitions import Policy
from .handshake import Greeting, LoginRefused, NotAmqp, Refused, greet
from .management import Management
from .progress import say
from .run import Run
from .tls import cannot_trust, no_tls


@dataclass(frozen=True)
class Site:
    """What is known about the broker after the login."""

    address: Address
    virtual_host: str
    greeting: Greeting
    may_administer: bool


class UrlBroker:
    """A broker at a URL. On `close` it deletes the virtual hosts that the run made, unless it was only attached."""

    kind = "url"
    ours = False
    evaluates = False
    starts_at_once = False

    def __init__(self, site: Site, folder: Path, *, owner: bool) -> None:
        self.address = site.address
        self.virtual_host = site.virtual_host
        self.product, self.version = site.greeting.product, site.greeting.version
        self.can_make_virtual_hosts = site.may_administer
        self._site = site
        self._management = Management(site.address)
        self._folder = folder
        self._owner = owner

    @classmethod
    def open(cls, urls: Sequence[str], run: Run, ca: Path | None = None) -> Self:
        """The broker at an AMQP URL, or the cluster whose nodes are at these URLs: one of them must answer. `ca` is
        a file with the certificates of the authorities to trust for amqps.

        Raises SetupError, without the password, if the login fails, or if the URLs differ in more than host and
        port.
        """
        address, virtual_host = _one_cluster([Address.parse(url) for url in urls])
        if ca is not None:
            address = replace(address, ca=str(ca.absolute()))
        _check_trust(address)
        address, greeting = _living(address, virtual_host)
        site = Site(address, virtual_host, greeting, Management(address).may_administer())
        return cls(site, own_folder(run), owner=True)

    @classmethod
    def attach(cls, handle: Mapping[str, str], *, owner: bool = False) -> Self:
        """The broker that another process of the run opened."""
        state = read_handle(handle)
        given = state.pop("address")
        others = tuple((host, port) for host, port in given.pop("others"))
        address, greeting = Address(**given, others=others), Greeting(**state.pop("greeting"))
        site = Site(address=address, greeting=greeting, **state)
        return cls(site, Path(handle["file"]).parent, owner=owner)

    def handle(self) -> dict[str, str]:
        """Names the file with the address, which holds the password."""
        return write_handle(self._folder, self.kind, asdict(self._site))

    def describe(self) -> str:
        """Names the URL without the password."""
        return f"{self.product} {self.version} at {self.address.shown()}"

    def create_virtual_hosts(self, names: Sequence[str]) -> None:
        """Makes each virtual host by one request to the management API, and its permissions by another one.

        A virtual host that exists is left as it is.
        """
        if not self.can_make_virtual_hosts:
            shown = self.address.shown()
            raise SetupError(f"No virtual host can be made at {shown}: no management API allows it.")
        for name in names:
            if self._management.create(name):
                self._note(name).write_text(name)

    def delete_virtual_hosts(self, names: Sequence[str]) -> None:
        """Deletes those virtual hosts that the run made, and no others."""
        for name in names:
            if self._note(name).exists():
                self._management.delete(name)
                self._note(name).unlink(missing_ok=True)

    def set_policies(self, virtual_host: str, policies: Sequence[Policy]) -> None:
        """Sets each policy by one request to the management API."""
        for each in policies:
            self._management.set_policy(virtual_host, each)

    def restart(self) -> None:
        """Raises SetupError."""
        self._refuse("restarted")

    def stop(self) -> None:
        """Raises SetupError."""
        self._refuse("stopped")

    def kill(self) -> None:
        """Raises SetupError."""
        self._refuse("killed")

    def start(self) -> None:
        """Raises SetupError."""
        self._refuse("started")

    def stop_application(self) -> None:
        """Raises SetupError."""
        self._refuse("stopped")

    def start_application(self) -> None:
        """Raises SetupError."""
        self._refuse("started")

    def evaluate(self, expression: str) -> str:
        """Raises SetupError."""
        self._refuse("made to evaluate an expression")

    def evaluate_on_each_node(self, expression: str) -> None:
        """Raises SetupError."""
        self._refuse("made to evaluate an expression")

    def own_end(self) -> str:
        """Not known."""
        return ""

    def close(self) -> None:
        """Deletes the virtual hosts that the run made, if this process opened the broker."""
        if self._owner:
            self.delete_virtual_hosts([note.read_text() for note in sorted(self._folder.glob("made-*"))])
            shutil.rmtree(self._folder, ignore_errors=True)

    def _note(self, name: str) -> Path:
        """The file that says that the run made this virtual host. Every process of the run can read it."""
        return self._folder / f"made-{sha256(name.encode()).hexdigest()}"

    def _refuse(self, what: str) -> NoReturn:
        raise SetupError(f"The broker at {self.address.shown()} was given by URL, so it is never {what}.")


def clear_dead_virtual_hosts(run: Run) -> None:
    """Deletes the virtual hosts that a dead run made on brokers given by URL, if the management API allows it."""
    for note in {note.parent for note in run.folder.glob("broker-*/made-*")}:
        with suppress(SetupError, OSError):
            UrlBroker.attach({"file": str(note / "handle.json")}, owner=True).close()


def _check_trust(address: Address) -> None:
    """Raises SetupError if the certificates to trust cannot be read."""
    try:
        address.tls_context()
    except OSError as error:
        raise cannot_trust(address.ca, error) from error


def _one_cluster(nodes: Sequence[tuple[Address, str]]) -> tuple[Address, str]:
    """The address of the cluster, and its virtual host. Raises SetupError if the nodes do not have one login."""
    first, virtual_host = nodes[0]
    places = [(node.host, node.port) for node, _ in nodes]
    for (node, other), place in zip(nodes, places, strict=True):
        if places.count(place) > 1:
            raise SetupError(f"Two of the URLs name the same node, {node.shown()}; name each node once.")
        mixed = {
            "scheme": node.tls != first.tls,
            "user": node.user != first.user,
            "password": node.password != first.password,
            "virtual host": other != virtual_host,
        }
        if differing := [what for what, differs in mixed.items() if differs]:
            raise SetupError(
                f"The URLs of a cluster's nodes differ in host and port alone; {first.shown()} and {node.shown()} "
                f"differ in {' and '.join(differing)}."
            )
    return Address.of_cluster([node for node, _ in nodes]), virtual_host


def _living(address: Address, virtual_host: str) -> tuple[Address, Greeting]:
    """The address that begins with a node which lets us in, and its greeting. Raises SetupError if none does."""
    nodes = list(address.nodes())
    refusals = []
    for at, node in enumerate(nodes):
        try:
            greeting = _greeting(node, virtual_host)
        except SetupError as error:
            refusals.append(error)
            continue
        for each in refusals:
            say(f"going on without a node: {each}")
        return Address.of_cluster(nodes[at:] + nodes[:at]), greeting
    raise refusals[0]


def _greeting(address: Address, virtual_host: str) -> Greeting:
    shown = address.shown()
    try:
        return greet(address, virtual_host)
    except LoginRefused as error:
        raise SetupError(
            f"The broker at {shown} does not let user {address.user!r} in ({error}); check the user and the "
            "password in the URL, with each special character percent-encoded."
        ) from error
    except Refused as error:
        raise SetupError(
            f"The broker at {shown} refuses virtual host {virtual_host!r} ({error}); check the URL's path and the "
            "user's permissions."
        ) from error
    except NotAmqp as error:
        raise SetupError(
            f"What answers at {shown} does not speak AMQP 0-9-1 ({error}).{_hint(address)}"
        ) from error
    except ssl.SSLError as error:
        raise no_tls(shown, error) from error
    except OSError as error:
        raise SetupError(f"No broker answers at {shown} ({error.strerror or error}).") from error


def _hint(address: Address) -> str:
    """What to look at, if something else answers at the address."""
    if address.tls:
        return " Check the port: RabbitMQ takes amqps at 5671."
    return " Check the port: RabbitMQ takes amqp at 5672, and amqps, at 5671, only if the URL says amqps://."
