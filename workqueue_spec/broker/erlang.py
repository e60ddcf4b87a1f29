"""The Erlang expressions that a broker's node evaluates, and how their answers are read."""

import json
from collections.abc import Sequence

from ..errors import SetupError
from .definitions import Policy

_LONGEST_FAILURE = 300
_ACTING_USER = "workqueue-spec"

STOPPING_THE_APPLICATION = (
    "Boot = erlang:monitor(process, rabbit_boot), "
    "receive {'DOWN', Boot, process, _, _} -> ok after 30000 -> exit(still_booting) end, "
    "rabbit:stop()"
)
"""Stops RabbitMQ within its node. A node that has just started takes connections while `rabbit_boot` still runs for
some milliseconds, and until that has ended `rabbit:start()` does nothing."""


def binary(text: str) -> str:
    """The text in UTF-8 as an Erlang binary, written as numbers so that no character needs escaping."""
    return f"<<{','.join(str(byte) for byte in text.encode())}>>"


def creating_virtual_hosts(names: Sequence[str], user: str) -> str:
    """Makes each virtual host that does not exist, with full permissions for the user. For RabbitMQ 3.8 to 4.3."""
    return (
        f"User = {binary(user)}, Acting = {binary(_ACTING_USER)}, All = {binary('.*')}, "
        "lists:foreach(fun(Name) -> "
        "ok = rabbit_vhost:add(Name, Acting), "
        "ok = rabbit_auth_backend_internal:set_permissions(User, Name, All, All, All, Acting) "
        f"end, {_binaries(names)})"
    )


def deleting_virtual_hosts(names: Sequence[str]) -> str:
    """Deletes each virtual host that exists. For RabbitMQ 3.8 to 4.3."""
    return (
        f"Acting = {binary(_ACTING_USER)}, "
        "lists:foreach(fun(Name) -> rabbit_vhost:exists(Name) andalso rabbit_vhost:delete(Name, Acting) "
        f"end, {_binaries(names)})"
    )


def setting_policies(virtual_host: str, policies: Sequence[Policy]) -> str:
    """Sets each policy in the virtual host, as `rabbitmqctl set_policy` does. For RabbitMQ 3.8 to 4.3."""
    each = ", ".join(
        f"{{{binary(policy.name)}, {binary(policy.pattern)}, {binary(json.dumps(policy.definition))}, "
        f"{policy.priority}, {binary(policy.apply_to)}}}"
        for policy in policies
    )
    return (
        f"Host = {binary(virtual_host)}, Acting = {binary(_ACTING_USER)}, "
        "lists:foreach(fun({Name, Pattern, Definition, Priority, To}) -> "
        "ok = rabbit_policy:parse_set(Host, Name, Pattern, Definition, Priority, To, Acting) "
        f"end, [{each}])"
    )


def leader(virtual_host: str, queue: str) -> str:
    """The name of the node that leads the queue, or `none`. For RabbitMQ 3.8 to 4.3."""
    name = f"rabbit_misc:r({binary(virtual_host)}, queue, {binary(queue)})"
    return (
        f"case rabbit_amqqueue:lookup({name}) of "
        "{ok, Queue} -> case amqqueue:get_pid(Queue) of "
        "{Server, First} -> case ra_leaderboard:lookup_leader(Server) of {_, Now} -> Now; _ -> First end; "
        "Process when is_pid(Process) -> node(Process); _ -> none end; "
        "_ -> none end"
    )


def refusing(nodes: Sequence[str]) -> str:
    """From now on, new connections between this node and those nodes fail: they do not have the same cookie for
    each other. The cookie is this node's name, since two nodes that change to the same cookie would still agree.
    """
    return f"[erlang:set_cookie(Node, node()) || Node <- {_atoms(nodes)}]"


def disconnecting(nodes: Sequence[str]) -> str:
    """Ends the connections between this node and those nodes."""
    return f"[erlang:disconnect_node(Node) || Node <- {_atoms(nodes)}]"


def accepting(nodes: Sequence[str]) -> str:
    """Undoes `refusing`."""
    return f"[erlang:set_cookie(Node, erlang:get_cookie()) || Node <- {_atoms(nodes)}]"


def answer(output: str) -> str:
    """The value that `erl_call -e` printed. Raises SetupError if it printed anything else."""
    text = output.strip()
    if text.startswith("{ok, ") and text.endswith("}"):
        return text.removeprefix("{ok, ").removesuffix("}")
    raise failed(text)


def failed(reason: str) -> SetupError:
    """The error to raise if an expression could not be evaluated."""
    shown = " ".join(reason.split())[:_LONGEST_FAILURE]
    return SetupError(f"The broker did not run an expression: {shown}")


def _atoms(names: Sequence[str]) -> str:
    return "[" + ",".join(f"'{name}'" for name in names) + "]"


def _binaries(texts: Sequence[str]) -> str:
    return f"[{','.join(binary(text) for text in texts)}]"
