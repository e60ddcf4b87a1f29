"""The container engine: its client, its images, how its ports are reached, and the containers of dead runs."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException
from testcontainers.core.config import testcontainers_config
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.utils import inside_container

from ..errors import SetupError
from .progress import going_on, say

LABEL = "workqueue-spec.run"
"""The label that every container carries, with the run's name as its value."""

_LONGEST_REASON = 200
_NO_NETWORK = (
    "no such host",
    "dial tcp",
    "network is unreachable",
    "name resolution",
    "timeout",
    "timed out",
    "connection refused",
)
"""What an engine says, among other things, if it does not reach the registry."""
_ANY_INTERFACE = "0.0.0.0"
_LOCAL_BROKER = "use --broker local"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Reach:
    """The interface of the engine's machine that a port is published on, and the host name that reaches it."""

    interface: str
    host: str


@contextlib.contextmanager
def connected(*, instead: str = _LOCAL_BROKER) -> Iterator[DockerClient]:
    """A client of the engine that testcontainers chooses, for as long as the block lasts.

    Raises SetupError if no engine answers; the sentence says what may be done `instead`.
    """
    client = connect(instead=instead)
    try:
        yield client
    finally:
        client.client.close()


def connect(*, instead: str = _LOCAL_BROKER) -> DockerClient:
    """A client of the engine that testcontainers chooses. Raises SetupError if no engine answers, as `connected`.

    The reaper of testcontainers is disabled, since its image may not be available: a run removes the containers
    that it starts.
    """
    testcontainers_config.ryuk_disabled = True
    try:
        client = DockerClient()
        client.client.ping()
    except (DockerException, RequestException, OSError) as error:
        if _is_denied(error):
            raise SetupError(
                "Docker runs, but this user may not use its socket (permission denied); add the user to the group "
                f"docker and log in again, or {instead}."
            ) from error
        raise SetupError(
            f"No container engine answers ({short(error)}); start Docker or {instead}."
        ) from error
    return client


def is_of_this_machine(client: DockerClient) -> bool:
    """Whether the engine is on this machine, so that its containers may use this machine's network."""
    return str(client.host()) in _LOCAL


def provide_image(client: DockerClient, image: str, *, instead: str = _LOCAL_BROKER) -> None:
    """Pulls the image unless the engine has it. Raises SetupError if it cannot be pulled, as `connected`."""
    try:
        client.client.images.get(image)
    except ImageNotFound:
        say(f"Pulling the image {image} ...")
        try:
            with going_on(f"pulling {image}"):
                client.client.images.pull(image)
        except (DockerException, RequestException) as error:
            remedy = (
                f"the registry cannot be reached: check the network, or use an image of `docker images`, "
                f"or {instead}"
                if any(sign in str(error).lower() for sign in _NO_NETWORK)
                else f"check its name, or {instead}"
            )
            sentence = f"The image {image} is not there and can't be pulled ({short(error)}); {remedy}."
            raise SetupError(sentence) from error
    except DockerException as error:
        raise SetupError(f"The engine refuses the image {image} ({short(error)}).") from error


def reach(client: DockerClient) -> Reach:
    """How published ports of the engine are reached: on loopback if possible, so that no other machine can connect.

    If we run in a container that has the engine's socket, the engine's machine is not ours; the gateway of the
    bridge network reaches it. An engine on a remote host is reached by the name of that host.
    """
    host = str(client.host())
    if host not in _LOCAL:
        return Reach(_ANY_INTERFACE, host)
    if not inside_container():
        return Reach("127.0.0.1", "127.0.0.1")
    gateway = _gateway(client)
    if gateway is None or _is_ours(gateway):
        return Reach("127.0.0.1", "127.0.0.1")
    return Reach(gateway, gateway)


def clear_dead_containers(run_name: str) -> None:
    """Removes the containers and networks that a dead run left. Does nothing, without a sentence, if there is no
    engine.
    """
    with contextlib.suppress(SetupError, DockerException, OSError), connected() as client:
        for container in client.client.containers.list(all=True, filters={"label": f"{LABEL}={run_name}"}):
            with contextlib.suppress(DockerException):
                container.remove(force=True, v=True)
        for network in client.client.networks.list(filters={"label": f"{LABEL}={run_name}"}):
            with contextlib.suppress(DockerException):
                network.remove()


def _is_denied(error: BaseException | None) -> bool:
    """Whether the engine's socket is there and this user may not use it."""
    while error is not None:
        if isinstance(error, PermissionError) or "permission denied" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False


def short(error: BaseException) -> str:
    """An error's text on one line, cut to length."""
    text = str(getattr(error, "explanation", None) or error)
    return " ".join(text.split())[:_LONGEST_REASON].rstrip(".")


def _gateway(client: DockerClient) -> str | None:
    for configuration in client.client.networks.get("bridge").attrs["IPAM"]["Config"]:
        if "Gateway" in configuration:
            return str(configuration["Gateway"])
    return None


def _is_ours(address: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
