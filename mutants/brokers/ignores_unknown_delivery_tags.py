"""A broker that lets a consumer acknowledge what it does not hold.

Breaks B21.
"""

from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.Deliver", "Basic.GetOk", "Basic.Consume")
def hand_out(line, sender, frame):
    method = frame.decode()
    if frame.name == "Basic.Consume":
        line.state["no ack"] = method.no_ack
    elif not line.state.get("no ack"):
        line.state.setdefault("held", set()).add((frame.channel, method.delivery_tag))


@only("Basic.Ack", sender=Side.CLIENT)
def let_pass(line, sender, frame):
    ack, held = frame.decode(), line.state.setdefault("held", set())
    known = ack.multiple or (frame.channel, ack.delivery_tag) in held
    held.discard((frame.channel, ack.delivery_tag))
    return None if known else []


def lies(tap: Tap) -> None:
    tap.rewrite(hand_out)
    tap.rewrite(let_pass)
