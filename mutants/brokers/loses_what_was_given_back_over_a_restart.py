"""A broker that loses, when it is restarted, messages that a client had given back.

Breaks B49.
"""

from collections import defaultdict

from mutants.broker_lies import noticing_restarts, whole
from workqueue_spec.wiretap import Side, Tap, only

_given_back = defaultdict(set)
"""The bodies, by virtual host."""


@only("Basic.Nack", "Basic.Reject", sender=Side.CLIENT)
def note_what_is_given_back(connection, sender, frame):
    method = frame.decode()
    known = (frame.channel, method.delivery_tag)
    if method.requeue and known in connection.state:
        _given_back[connection.state["virtual host"]].add(connection.state[known])


def lies(tap: Tap) -> None:
    restarted = noticing_restarts(tap)

    def lose(connection, message):
        body = b"".join(each.payload for each in message[2:])
        if restarted(connection) and body in _given_back[connection.state["virtual host"]]:
            return []
        connection.state[message[0].channel, message[0].decode().delivery_tag] = body
        return None

    for name in ("Basic.Deliver", "Basic.GetOk"):
        tap.rewrite(whole(name, Side.BROKER, lose))
    tap.rewrite(note_what_is_given_back)
