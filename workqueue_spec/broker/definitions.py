"""Queues, exchanges, bindings and policies from RabbitMQ's own export, loaded into a virtual host.

The export is what `rabbitmqctl export_definitions` writes, or the management API's `/api/definitions`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPChannelError

from ..errors import SetupError

_KINDS = ("queues", "exchanges", "bindings", "policies")
_NOT_LEFT_OUT = (*_KINDS, "vhosts", "rabbit_version", "rabbitmq_version", "product_name", "product_version")
_OF_THE_BROKER = "amq."
"""How the names of exchanges begin that each virtual host has from its beginning."""
_IMPOSSIBLE = {
    "classic": frozenset(
        {"delivery-limit", "dead-letter-strategy", "max-age", "stream-max-segment-size-bytes"}
    ),
    "quorum": frozenset({"queue-mode", "max-priority", "ha-mode", "ha-params", "ha-sync-mode", "max-age"}),
}
"""What a policy cannot set for a queue of this type. RabbitMQ 3.10 does not apply such a policy to the queue."""
_APPLY_TO = {"all", "queues", "exchanges", "classic_queues", "quorum_queues", "streams"}


@dataclass(frozen=True)
class Queue:
    """A queue, with the arguments that it is declared with."""

    name: str
    durable: bool
    auto_delete: bool
    arguments: Mapping[str, Any]

    @property
    def type(self) -> str:
        """`classic`, `quorum` or another type."""
        return str(self.arguments.get("x-queue-type", "classic"))


@dataclass(frozen=True)
class Exchange:
    """An exchange."""

    name: str
    type: str
    durable: bool
    auto_delete: bool
    internal: bool
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Binding:
    """A queue or an exchange that is bound to an exchange."""

    source: str
    destination: str
    to_queue: bool
    routing_key: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """A policy: what holds for all queues whose name matches a pattern."""

    name: str
    pattern: str
    apply_to: str
    priority: int
    definition: Mapping[str, Any]

    def concerns(self, queue: str, queue_type: str) -> bool:
        """Whether it applies to this queue, if no policy of a higher priority does.

        A policy that sets what queues of this type do not have does not apply to them at all.
        """
        of_type = self.apply_to in ("all", "queues", f"{queue_type}_queues")
        possible = _IMPOSSIBLE.get(queue_type, frozenset()).isdisjoint(self.definition)
        return of_type and possible and re.search(self.pattern, queue) is not None


@dataclass(frozen=True)
class Definitions:
    """What a file of definitions holds for one virtual host."""

    queues: tuple[Queue, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    bindings: tuple[Binding, ...] = ()
    policies: tuple[Policy, ...] = ()
    left_out: tuple[str, ...] = field(default=())
    """What the file holds besides, which is not loaded: users, permissions, parameters."""

    def queue(self, name: str) -> Queue | None:
        """The queue with this name; None if there is none."""
        return next((each for each in self.queues if each.name == name), None)

    def policy_of(self, queue: str, queue_type: str) -> Policy | None:
        """The policy that applies to this queue: of those that match, the one with the highest priority."""
        matching = [each for each in self.policies if each.concerns(queue, queue_type)]
        return max(matching, key=lambda each: each.priority, default=None)

    def describe(self) -> str:
        """One line: how much it holds, and what is left out."""
        parts = [("queue", self.queues), ("exchange", self.exchanges), ("binding", self.bindings)]
        counted = [f"{len(each)} {name}{'' if len(each) == 1 else 's'}" for name, each in parts]
        counted.append(f"{len(self.policies)} {'policy' if len(self.policies) == 1 else 'policies'}")
        without = f"; left out: {', '.join(self.left_out)}" if self.left_out else ""
        return f"{', '.join(counted)} in each virtual host{without}"

    def declare(self, channel: BlockingChannel) -> None:
        """Declares everything except the policies. What is there already is left as it is.

        Raises SetupError if the broker refuses one of them.
        """
        for what, declaring in self._steps(channel):
            try:
                declaring()
            except AMQPChannelError as error:
                raise SetupError(
                    f"The broker refuses {what} of the definitions: {error.args[-1]}."
                ) from error

    def _steps(self, channel: BlockingChannel) -> Iterator[tuple[str, Any]]:
        for exchange in self.exchanges:
            yield (
                f"the exchange {exchange.name!r}",
                lambda each=exchange: channel.exchange_declare(
                    each.name,
                    each.type,
                    durable=each.durable,
                    auto_delete=each.auto_delete,
                    internal=each.internal,
                    arguments=dict(each.arguments),
                ),
            )
        for queue in self.queues:
            yield (
                f"the queue {queue.name!r}",
                lambda each=queue: channel.queue_declare(
                    each.name,
                    durable=each.durable,
                    auto_delete=each.auto_delete,
                    arguments=dict(each.arguments),
                ),
            )
        for binding in self.bindings:
            bind = channel.queue_bind if binding.to_queue else channel.exchange_bind
            yield (
                f"the binding of {binding.destination!r}",
                lambda each=binding, bind=bind: bind(
                    each.destination, each.source, each.routing_key, dict(each.arguments)
                ),
            )


def read(file: Path, queue: str) -> Definitions:
    """The definitions in the file, of the virtual host in which the queue is, or of the only one.

    Raises SetupError with one sentence if the file cannot be read as definitions.
    """
    data = _loaded(file)
    of_hosts: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for kind in _KINDS:
        for each in _list(file, data, kind):
            host = of_hosts.setdefault(str(each.get("vhost", "/")), {name: [] for name in _KINDS})
            host[kind].append(each)
    with_queue = [
        host for host in of_hosts.values() if any(each.get("name") == queue for each in host["queues"])
    ]
    candidates = with_queue or list(of_hosts.values())
    if len(candidates) != 1:
        where = " and ".join(map(repr, of_hosts)) or "no virtual host"
        raise SetupError(
            f"The definitions {file} are of {where}, and the queue {queue!r} is in "
            f"{'several' if with_queue else 'none'} of them; leave the one in the file that the program uses."
        )
    left_out = sorted(key for key, value in data.items() if value and key not in _NOT_LEFT_OUT)
    try:
        return _definitions(candidates[0], left_out=left_out)
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        what = f"without {error}" if isinstance(error, KeyError) else f"that cannot be read ({error})"
        raise SetupError(f"The definitions {file} hold an entry {what}; export them again.") from error


def _loaded(file: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"Cannot read the definitions {file}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise SetupError(f"The definitions {file} are not JSON: {error}.") from error
    if not isinstance(data, dict) or not any(kind in data for kind in _KINDS):
        raise SetupError(
            f"{file} holds no definitions; write it with rabbitmqctl export_definitions, or take it from the "
            "management API (/api/definitions)."
        )
    return data


def _list(file: Path, data: Mapping[str, Any], kind: str) -> Sequence[Mapping[str, Any]]:
    entries = data.get(kind, [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise SetupError(f"The definitions {file}: {kind} must be a list of objects; export them again.")
    return entries


def _definitions(host: Mapping[str, Sequence[Mapping[str, Any]]], *, left_out: Sequence[str]) -> Definitions:
    return Definitions(
        tuple(_queue(each) for each in host["queues"]),
        tuple(_exchange(each) for each in host["exchanges"] if _is_own(_text(each, "name"))),
        tuple(_binding(each) for each in host["bindings"] if each["source"]),
        tuple(_policy(each) for each in host["policies"]),
        tuple(left_out),
    )


def _queue(each: Mapping[str, Any]) -> Queue:
    arguments = dict(each.get("arguments", {}))
    if (type_ := each.get("type", "classic")) != "classic":
        arguments.setdefault("x-queue-type", type_)
    return Queue(_text(each, "name"), bool(each["durable"]), bool(each["auto_delete"]), arguments)


def _exchange(each: Mapping[str, Any]) -> Exchange:
    return Exchange(
        name=_text(each, "name"),
        type=_text(each, "type"),
        durable=bool(each["durable"]),
        auto_delete=bool(each["auto_delete"]),
        internal=bool(each.get("internal", False)),
        arguments=dict(each.get("arguments", {})),
    )


def _binding(each: Mapping[str, Any]) -> Binding:
    return Binding(
        _text(each, "source"),
        _text(each, "destination"),
        each["destination_type"] == "queue",
        str(each["routing_key"]),
        dict(each.get("arguments", {})),
    )


def _policy(each: Mapping[str, Any]) -> Policy:
    re.compile(_text(each, "pattern"))
    apply_to = each.get("apply-to", "all")
    if apply_to not in _APPLY_TO:
        raise ValueError(f"apply-to {apply_to!r}")
    return Policy(
        _text(each, "name"), each["pattern"], apply_to, int(each.get("priority", 0)), dict(each["definition"])
    )


def _text(each: Mapping[str, Any], key: str) -> str:
    if not isinstance(each[key], str) or not each[key]:
        raise ValueError(f"{key} {each[key]!r}")
    return str(each[key])


def _is_own(exchange: str) -> bool:
    return not exchange.startswith(_OF_THE_BROKER)
