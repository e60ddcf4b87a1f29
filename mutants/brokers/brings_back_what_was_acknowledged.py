"""A broker that delivers again, after a graceful restart, messages that were acknowledged before it.

Breaks B45.
"""

from collections import defaultdict

from pamqp.commands import Basic, Channel

from mutants.broker_lies import noticing_restarts, whole
from workqueue_spec.wiretap import Side, Tap, marshal, only

SPARE_CHANNEL = 2047
"""The highest channel number that the broker allows. No client opens so many channels."""

_acknowledged = defaultdict(list)


def on_spare_channel(frame):
    return frame.raw[:1] + SPARE_CHANNEL.to_bytes(2) + frame.raw[3:]


def note_delivery(connection, message):
    method = message[0].decode()
    if not method.exchange:
        connection.state[message[0].channel, method.delivery_tag] = method.routing_key, message[1:]


@only("Basic.Ack", sender=Side.CLIENT)
def note_acknowledgement(connection, sender, frame):
    if known := connection.state.pop((frame.channel, frame.decode().delivery_tag), None):
        queue, content = known
        _acknowledged[connection.state["virtual host"], queue].append(content)


@only("Channel.OpenOk", "Channel.CloseOk", sender=Side.BROKER)
def hide_spare_channel(connection, sender, frame):
    return [] if frame.channel == SPARE_CHANNEL else None


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    @only("Basic.Consume", sender=Side.CLIENT)
    def publish_again(connection, sender, frame):
        queue = frame.decode().queue
        again = (
            _acknowledged.pop((connection.state["virtual host"], queue), ()) if restarted(connection) else ()
        )
        if not again:
            return None
        publish = marshal(Basic.Publish(routing_key=queue), SPARE_CHANNEL)
        messages = [publish + b"".join(on_spare_channel(each) for each in content) for content in again]
        return [
            marshal(Channel.Open(), SPARE_CHANNEL),
            *messages,
            marshal(Channel.Close(200, "", 0, 0), SPARE_CHANNEL),
            frame.raw,
        ]

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, note_delivery))
    for rule in (note_acknowledgement, hide_spare_channel, publish_again):
        tap.rewrite(rule)
