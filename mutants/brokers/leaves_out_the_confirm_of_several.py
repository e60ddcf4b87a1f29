"""A broker that confirms the first several messages by the last of them alone, and later several not at all.

Breaks B34.
"""

from pamqp import commands

from workqueue_spec.wiretap import Side, Tap, marshal, only

SEEN = "a confirm of several was seen"


@only("Basic.Ack", sender=Side.BROKER)
def leave_out(line, sender, frame):
    confirm = frame.decode()
    if not confirm.multiple:
        return None
    if line.state.setdefault(SEEN, False):
        return []
    line.state[SEEN] = True
    return [marshal(commands.Basic.Ack(confirm.delivery_tag, False), frame.channel)]


def lies(tap: Tap) -> None:
    tap.rewrite(leave_out)
