"""The container engine: whether it answers and has an image, how its ports are reached, what a run left."""

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
from .progress import say

LABEL = "workqueue-spec.run"
"""The label that every container carries, with the run's name as its value."""

_SHOWN_OF_A_REASON = 200
_ANY_INTERFACE = "0.0.0.0"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Reach:
    """The interface of the engine's machine that a port is published on, and the host to reach it by."""

    interface: str
    host: str


@contextlib.contextmanager
def connected() -> Iterator[DockerClient]:
    """A client of testcontainers' choice of engine, for as long as the block lasts.

    Raises SetupError where none answers.
    """
    client = connect()
    try:
        yield client
    finally:
        client.client.close()


def connect() -> DockerClient:
    """Testcontainers' client of an engine that answers. Raises SetupError where none does.

    Its reaper is left out, since that image may not be there to pull: a run removes what it starts.
    """
    testcontainers_config.ryuk_disabled = True
    try:
        client = DockerClient()
        client.client.ping()
    except (DockerException, RequestException, OSError) as error:
        raise SetupError(
            f"No container engine answers ({short(error)}); start Docker or use --broker local."
        ) from error
    return client


def provide_image(client: DockerClient, image: str) -> None:
    """Pulls the image unless the engine has it. Raises SetupError where it can't be pulled."""
    try:
        client.client.images.get(image)
    except ImageNotFound:
        say(f"Pulling the image {image} ...")
        try:
            client.client.images.pull(image)
        except (DockerException, RequestException) as error:
            refusal = f"The image {image} is not there and can't be pulled ({short(error)})."
            raise SetupError(refusal) from error
    except DockerException as error:
        raise SetupError(f"The engine does not take the image {image} ({short(error)}).") from error


def reach(client: DockerClient) -> Reach:
    """Loopback where the engine runs on our machine, so that nobody else gets at the broker.

    In a container that was given the engine's socket, the engine's machine is another one than ours, reached
    by the bridge's gateway; and an engine that is far away is reached by its own name.
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
    """Removes the containers that a dead run left. Silent where no engine is there."""
    with contextlib.suppress(SetupError, DockerException, OSError), connected() as client:
        for container in client.client.containers.list(all=True, filters={"label": f"{LABEL}={run_name}"}):
            with contextlib.suppress(DockerException):
                container.remove(force=True, v=True)


def short(error: BaseException) -> str:
    """An error's text on one line, cut to length."""
    text = str(getattr(error, "explanation", None) or error)
    return " ".join(text.split())[:_SHOWN_OF_A_REASON].rstrip(".")


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
