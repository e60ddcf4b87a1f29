"""A broker that has on its queues again, after a graceful restart, what was acknowledged before it.

Breaks B45.
"""

from collections import defaultdict

from pamqp.commands import Basic, Channel

from mutants.broker_lies import noticing_restarts, whole
from workqueue_spec.wiretap import Side, Tap, marshal, only

SPARE = 2047
"""The highest channel that the broker allows: nobody else gets that far."""

_acknowledged = defaultdict(list)


def moved(frame):
    return frame.raw[:1] + SPARE.to_bytes(2) + frame.raw[3:]


def deliver(connection, message):
    method = message[0].decode()
    if not method.exchange:
        connection.state[message[0].channel, method.delivery_tag] = method.routing_key, message[1:]


@only("Basic.Ack", sender=Side.CLIENT)
def acknowledge(connection, sender, frame):
    if known := connection.state.pop((frame.channel, frame.decode().delivery_tag), None):
        queue, content = known
        _acknowledged[connection.state["virtual host"], queue].append(content)


@only("Channel.OpenOk", "Channel.CloseOk", sender=Side.BROKER)
def hide(connection, sender, frame):
    return [] if frame.channel == SPARE else None


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    @only("Basic.Consume", sender=Side.CLIENT)
    def bring_back(connection, sender, frame):
        queue = frame.decode().queue
        again = (
            _acknowledged.pop((connection.state["virtual host"], queue), ()) if restarted(connection) else ()
        )
        if not again:
            return None
        publish = marshal(Basic.Publish(routing_key=queue), SPARE)
        messages = [publish + b"".join(moved(each) for each in content) for content in again]
        return [
            marshal(Channel.Open(), SPARE),
            *messages,
            marshal(Channel.Close(200, "", 0, 0), SPARE),
            frame.raw,
        ]

    tap.rewrite(whole("Basic.Deliver", Side.BROKER, deliver))
    for rule in (acknowledge, hide, bring_back):
        tap.rewrite(rule)
