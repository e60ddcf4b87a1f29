"""Opens the broker that the command line asks for.

What is needed for containers is imported when a container is asked for: it takes a third of a second.
"""
# ruff: noqa: PLC0415

import os
import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import SetupError
from .address import PORTS
from .base import Broker
from .cluster import ClusterBroker
from .garagemq import GarageMqBroker
from .local import LocalBroker
from .progress import say
from .run import Run
from .url import UrlBroker

DEFAULT_IMAGE = "rabbitmq:4.0"

_ALLOWED = (
    "auto, docker, docker:IMAGE, local, cluster, cluster:IMAGE, cluster:local, garagemq, or a URL that begins with "
    "amqp:// or amqps:// (several URLs with commas between them are the nodes of one cluster; env:NAME takes them "
    "from the environment variable NAME)"
)
_VARIABLE = "env:"


def open_broker(wanted: str, run: Run, ca: Path | None = None) -> Broker:
    """The broker that `wanted` names, up. The caller closes it.

    `wanted` is `auto` (docker, or else a local node), `docker`, `docker:IMAGE`, `local`; `cluster` (containers, or
    else local nodes), `cluster:IMAGE`, `cluster:local`; `garagemq`; an AMQP URL, or several with commas between
    them, which are the nodes of one cluster; or `env:NAME`: what that environment variable holds, so that no list
    of processes shows a password. `ca` is a file with the certificates of the authorities to trust for amqps.
    Raises SetupError: one sentence, perhaps with the end of a log below it. Nothing is left running then.
    """
    if wanted.startswith(_VARIABLE):
        wanted = _from_variable(wanted.removeprefix(_VARIABLE))
    scheme, separator, rest = wanted.partition(":")
    if ca is not None and scheme != "amqps":
        raise SetupError(
            "--broker-ca is for a broker at an amqps:// URL only; leave it out, or name such a broker."
        )
    if separator and scheme in PORTS and rest.startswith("//"):
        return UrlBroker.open(urls_in(wanted), run, ca)
    if scheme == "docker" and bool(separator) == bool(rest):
        return _container(rest or DEFAULT_IMAGE, run)
    if wanted == "local":
        return LocalBroker.open(run)
    if wanted == "garagemq":
        return GarageMqBroker.open(run)
    if wanted == "auto":
        return _open_automatic(run)
    if is_cluster(wanted) and bool(separator) == bool(rest):
        return _open_cluster(rest, run)
    shown = "that URL" if "://" in wanted else repr(wanted)
    raise SetupError(f"There is no broker {shown}; allowed are {_ALLOWED}.")


def urls_in(wanted: str) -> list[str]:
    """The URLs of a cluster's nodes. A comma that no URL follows belongs to a URL, for example to its password."""
    return re.split(r",(?=amqps?://)", wanted)


def is_cluster(wanted: str) -> bool:
    """Whether this names a cluster that the run starts."""
    return wanted.partition(":")[0] == "cluster"


def attach(handle: Mapping[str, str], run: Run) -> Broker:
    """The broker that another process of the run opened. All methods work, but `close` does not end the broker."""
    match handle["kind"]:
        case "docker":
            from .container import ContainerBroker

            return ContainerBroker.attach(handle)
        case LocalBroker.kind:
            return LocalBroker.attach(handle, run)
        case GarageMqBroker.kind:
            return GarageMqBroker.attach(handle, run)
        case UrlBroker.kind:
            return UrlBroker.attach(handle)
        case ClusterBroker.kind:
            return ClusterBroker.attach(handle, lambda node: attach(node, run))
    raise ValueError(f"a handle of no known kind: {handle['kind']}")


def _container(image: str, run: Run) -> Broker:
    from .container import ContainerBroker

    return ContainerBroker.open(image, run)


def _from_variable(name: str) -> str:
    """The URL in the environment variable. Raises SetupError if there is none; the text never shows the value."""
    value = os.environ.get(name, "")
    if not value:
        raise SetupError(
            f"--broker env:{name} needs a broker's URL in the environment variable {name}; it is not set."
        )
    if value.partition("://")[0] not in PORTS:
        raise SetupError(
            f"The environment variable {name} must hold a broker's URL that begins with amqp:// or amqps://."
        )
    return value


def _open_automatic(run: Run) -> Broker:
    if reason := _no_container():
        say(f"Using a local broker instead of docker: {reason}")
        return LocalBroker.open(run)
    say(f"Using a container of {DEFAULT_IMAGE}.")
    return _container(DEFAULT_IMAGE, run)


def _open_cluster(image: str, run: Run) -> Broker:
    """The cluster: `local`, of containers of the image, or, without an image, as `auto` chooses."""
    if image:
        return ClusterBroker.open(None if image == "local" else image, run)
    if reason := _no_container():
        say(f"Using a cluster of local nodes instead of docker: {reason}")
        return ClusterBroker.open(None, run)
    say(f"Using a cluster of containers of {DEFAULT_IMAGE}.")
    return ClusterBroker.open(DEFAULT_IMAGE, run)


def _no_container() -> str:
    """Why no container of the default image can be started; empty if one can."""
    from . import engine

    try:
        with engine.connected() as client:
            engine.provide_image(client, DEFAULT_IMAGE)
    except SetupError as error:
        return str(error)
    return ""
