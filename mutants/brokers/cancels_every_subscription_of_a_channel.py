"""A broker that cancels all the subscriptions on a channel when the queue of one is deleted.

Breaks B28.
"""

from workqueue_spec.lying import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.ConsumeOk", sender=Side.BROKER)
def note(line, sender, frame):
    line.state.setdefault(frame.channel, []).append(frame.decode().consumer_tag)


@only("Basic.Cancel", sender=Side.BROKER)
def all_of_them(line, sender, frame):
    return [raw for tag in line.state[frame.channel] for raw in changed(frame, consumer_tag=tag)]


def lies(tap: Tap) -> None:
    tap.rewrite(note)
    tap.rewrite(all_of_them)
