"""The parts of a lying broker: a real broker, and rules at the tap that rewrite what it sends and receives."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pamqp import commands, header

from workqueue_spec.wiretap import Connection, Frame, Rule, Selective, Side, Tap, marshal, only

UNKNOWN_TAG = 2**62
"""A delivery tag that no channel has given: to acknowledge it closes the channel with 406."""

CONNECTION_FORCED = 320
"""The reply code with which a broker closes its connections when it stops."""

_HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"

_stopped: set[str] = set()
"""The virtual hosts in which the broker has closed a connection because it stopped."""

MessageFrames = Sequence[Frame]
"""The frames of one message: a method, its content header and its content bodies."""


def changed(frame: Frame, **fields: Any) -> list[bytes]:
    """The method with these fields changed."""
    method: Any = frame.decode()
    # Marshals a new method: pamqp refuses values in deprecated fields, and pika sets some of these.
    same = {name: getattr(method, name) for name in method.attributes()}
    return [marshal(type(method)(**same | fields), frame.channel)]


def changes(name: str, sender: Side, **fields: Any) -> Selective:
    """A rule that changes these fields in every method of this name."""
    return only(name, sender=sender)(lambda connection, sender, frame: changed(frame, **fields))


def drops(name: str, sender: Side) -> Selective:
    """A rule that drops every method of this name."""
    return only(name, sender=sender)(lambda connection, sender, frame: [])


def with_properties(frame: Frame, **properties: Any) -> list[bytes]:
    """The content header with these properties of the message changed."""
    content: Any = frame.decode()
    same = {name: getattr(content.properties, name) for name in commands.Basic.Properties.attributes()}
    new = commands.Basic.Properties(**same | properties)
    return [marshal(header.ContentHeader(content.weight, content.body_size, new), frame.channel)]


def whole(
    name: str, sender: Side, act: Callable[[Connection, MessageFrames], Iterable[bytes] | None]
) -> Selective:
    """A rule that calls `act` with each whole message. `act` returns the frames to forward instead; None forwards
    the message unchanged.

    The rule forwards a heartbeat in place of the method until the content is complete: if it dropped the method,
    the tap would drop the content before any rule sees it.
    """

    @only(name, "ContentHeader", "ContentBody", sender=sender)
    def rule(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        incomplete: dict[int, list[Frame]] = connection.state.setdefault(f"incomplete {name}", {})
        if frame.name == name:
            incomplete[frame.channel] = [frame]
            return [_HEARTBEAT]
        if frame.channel not in incomplete:
            return None
        message = incomplete[frame.channel]
        message.append(frame)
        content: Any = message[1].decode()
        if sum(len(each.payload) for each in message[2:]) < content.body_size:
            return []
        del incomplete[frame.channel]
        instead = act(connection, message)
        return raw(message) if instead is None else list(instead)

    return rule


def raw(message: MessageFrames) -> list[bytes]:
    """The frames of a message, unchanged."""
    return [frame.raw for frame in message]


def delayed(tap: Tap, seconds: float, connection: Connection, message: MessageFrames) -> list[bytes]:
    """Sends the message to the client after this many seconds; later messages overtake it.

    Returns what to forward now: no frame.
    """
    tap.loop.call_later(seconds, connection.send, Side.CLIENT, b"".join(raw(message)))
    return []


def refusing(tap: Tap) -> Callable[[Connection, Frame, int, str], list[bytes]]:
    """Returns a function that makes the broker refuse a method. The function returns a frame that the broker must
    refuse; the broker closes the channel, and a rule at the tap puts the given code and text in its reply.
    """
    reasons: dict[tuple[Connection, int], tuple[int, str]] = {}

    @only("Channel.Close", sender=Side.BROKER)
    def replace_reason(connection: Connection, sender: Side, frame: Frame) -> list[bytes] | None:
        given = reasons.pop((connection, frame.channel), None)
        return given and changed(frame, reply_code=given[0], reply_text=given[1])

    def refuse(connection: Connection, frame: Frame, code: int, text: str) -> list[bytes]:
        reasons[connection, frame.channel] = code, text
        return [marshal(commands.Basic.Ack(UNKNOWN_TAG), frame.channel)]

    tap.rewrite(replace_reason)
    return refuse


def noticing_restarts(tap: Tap) -> Callable[[Connection], bool]:
    """Returns a function that says whether the broker was stopped before. The broker counts as stopped if it has
    closed any connection to the same virtual host with CONNECTION_FORCED.
    """

    @only("Connection.Open", sender=Side.CLIENT)
    def note_virtual_host(connection: Connection, sender: Side, frame: Frame) -> None:
        opened: Any = frame.decode()
        connection.state["virtual host"] = opened.virtual_host

    @only("Connection.Close", sender=Side.BROKER)
    def note_stop(connection: Connection, sender: Side, frame: Frame) -> None:
        closed: Any = frame.decode()
        if closed.reply_code == CONNECTION_FORCED:
            _stopped.add(connection.state["virtual host"])

    tap.rewrite(note_virtual_host)
    tap.rewrite(note_stop)
    return lambda connection: connection.state["virtual host"] in _stopped


def redeclarations(act: Callable[[Connection, Frame, Frame], Sequence[bytes] | None]) -> Rule:
    """A rule that calls `act` with each declaration of a queue that was declared on the connection before, and
    with the first declaration that the broker accepted.
    """

    @only("Queue.Declare", "Queue.DeclareOk")
    def rule(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        pending = connection.state.setdefault("pending declarations", {})
        accepted = connection.state.setdefault("first accepted declarations", {})
        if sender is Side.BROKER:
            if first := pending.pop(frame.channel, None):
                accepted.setdefault(first.decode().queue, first)
            return None
        declare: Any = frame.decode()
        if declare.passive:
            return None
        if declare.queue in accepted:
            return act(connection, frame, accepted[declare.queue])
        pending[frame.channel] = frame
        return None

    return rule
