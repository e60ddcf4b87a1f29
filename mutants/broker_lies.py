"""What lies are made of: a lying broker is a true one, and rules at the tap that rewrite what passes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pamqp import commands, header

from workqueue_spec.wiretap import Connection, Frame, Rule, Selective, Side, Tap, marshal, only

REFUSED_EVERYWHERE = 2**62
"""A delivery tag that no channel has given: to acknowledge it closes the channel with 406."""

CONNECTION_FORCED = 320
"""With this code a broker closes its connections when it stops."""

_HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"

_stopped: set[str] = set()

MessageFrames = Sequence[Frame]
"""A method, its content header and its content bodies."""


def changed(frame: Frame, **fields: Any) -> list[bytes]:
    """The method as it is, but for these fields."""
    method: Any = frame.decode()
    # A new one: pamqp lets no field pass that is out of use, and pika sets some.
    same = {name: getattr(method, name) for name in method.attributes()}
    return [marshal(type(method)(**same | fields), frame.channel)]


def changes(name: str, sender: Side, **fields: Any) -> Selective:
    """Every method of this name goes on with other values in these fields."""
    return only(name, sender=sender)(lambda connection, sender, frame: changed(frame, **fields))


def swallows(name: str, sender: Side) -> Selective:
    """No method of this name goes on."""
    return only(name, sender=sender)(lambda connection, sender, frame: [])


def with_properties(frame: Frame, **properties: Any) -> list[bytes]:
    """The content header as it is, but for these properties of the message."""
    content: Any = frame.decode()
    same = {name: getattr(content.properties, name) for name in commands.Basic.Properties.attributes()}
    new = commands.Basic.Properties(**same | properties)
    return [marshal(header.ContentHeader(content.weight, content.body_size, new), frame.channel)]


def whole(
    name: str, sender: Side, act: Callable[[Connection, MessageFrames], Iterable[bytes] | None]
) -> Selective:
    """Shows whole messages to `act`, which gives the frames that go on instead; None: the message as it is.

    To drop a method drops its content before any rule can see it, so a heartbeat goes on in its stead until
    the content is there.
    """

    @only(name, "ContentHeader", "ContentBody", sender=sender)
    def rule(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        under_way: dict[int, list[Frame]] = connection.state.setdefault(f"{name} under way", {})
        if frame.name == name:
            under_way[frame.channel] = [frame]
            return [_HEARTBEAT]
        if frame.channel not in under_way:
            return None
        message = under_way[frame.channel]
        message.append(frame)
        content: Any = message[1].decode()
        if sum(len(each.payload) for each in message[2:]) < content.body_size:
            return []
        del under_way[frame.channel]
        instead = act(connection, message)
        return raw(message) if instead is None else list(instead)

    return rule


def raw(message: MessageFrames) -> list[bytes]:
    """Its frames as they were."""
    return [frame.raw for frame in message]


def late(tap: Tap, seconds: float, connection: Connection, message: MessageFrames) -> list[bytes]:
    """The message goes to the client so many seconds later; what comes behind it overtakes it."""
    tap.loop.call_later(seconds, connection.send, Side.CLIENT, b"".join(raw(message)))
    return []


def refusing(tap: Tap) -> Callable[[Connection, Frame, int, str], list[bytes]]:
    """Makes the broker refuse a method: it is sent something that it must refuse, and the reason is replaced."""
    reasons: dict[tuple[Connection, int], tuple[int, str]] = {}

    @only("Channel.Close", sender=Side.BROKER)
    def reason(connection: Connection, sender: Side, frame: Frame) -> list[bytes] | None:
        given = reasons.pop((connection, frame.channel), None)
        return given and changed(frame, reply_code=given[0], reply_text=given[1])

    def refuse(connection: Connection, frame: Frame, code: int, text: str) -> list[bytes]:
        reasons[connection, frame.channel] = code, text
        return [marshal(commands.Basic.Ack(REFUSED_EVERYWHERE), frame.channel)]

    tap.rewrite(reason)
    return refuse


def noticing_restarts(tap: Tap) -> Callable[[Connection], bool]:
    """Tells of a connection whether the broker was stopped before, by what it told others in the same virtual
    host.
    """

    @only("Connection.Open", sender=Side.CLIENT)
    def enter(connection: Connection, sender: Side, frame: Frame) -> None:
        opened: Any = frame.decode()
        connection.state["virtual host"] = opened.virtual_host

    @only("Connection.Close", sender=Side.BROKER)
    def leave(connection: Connection, sender: Side, frame: Frame) -> None:
        closed: Any = frame.decode()
        if closed.reply_code == CONNECTION_FORCED:
            _stopped.add(connection.state["virtual host"])

    tap.rewrite(enter)
    tap.rewrite(leave)
    return lambda connection: connection.state["virtual host"] in _stopped


def redeclarations(act: Callable[[Connection, Frame, Frame], Sequence[bytes] | None]) -> Rule:
    """Shows `act` each declaration of a queue that was declared on the connection before, and the first one that
    the broker accepted.
    """

    @only("Queue.Declare", "Queue.DeclareOk")
    def rule(connection: Connection, sender: Side, frame: Frame) -> Sequence[bytes] | None:
        asked = connection.state.setdefault("declarations without an answer", {})
        declared = connection.state.setdefault("declared at first", {})
        if sender is Side.BROKER:
            if first := asked.pop(frame.channel, None):
                declared.setdefault(first.decode().queue, first)
            return None
        declare: Any = frame.decode()
        if declare.passive:
            return None
        if declare.queue in declared:
            return act(connection, frame, declared[declare.queue])
        asked[frame.channel] = frame
        return None

    return rule
