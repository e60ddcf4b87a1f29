"""A broker that accepts an oversize message, and cuts its body to the limit.

Breaks B40.
"""

from pamqp.header import ContentHeader

from workqueue_spec.wiretap import Side, Tap, marshal, only

LIMIT = 16 * 2**20


@only("ContentHeader", sender=Side.CLIENT)
def announce_less(connection, sender, frame):
    header = frame.decode()
    connection.state[frame.channel] = min(header.body_size, LIMIT)
    if header.body_size <= LIMIT:
        return None
    return [marshal(ContentHeader(header.weight, LIMIT, header.properties), frame.channel)]


@only("ContentBody", sender=Side.CLIENT)
def cut(connection, sender, frame):
    left = connection.state[frame.channel]
    connection.state[frame.channel] -= min(left, len(frame.payload))
    if len(frame.payload) <= left:
        return None
    head = b"\x03" + frame.channel.to_bytes(2, "big") + left.to_bytes(4, "big")
    return [head + frame.payload[:left] + b"\xce"] if left else []


def lies(tap: Tap) -> None:
    tap.rewrite(announce_less)
    tap.rewrite(cut)
