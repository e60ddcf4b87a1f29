"""A broker that cancels all subscriptions of a channel when the queue of one of them is deleted.

Breaks B28.
"""

from mutants.broker_lies import changed
from workqueue_spec.wiretap import Side, Tap, only


@only("Basic.ConsumeOk", sender=Side.BROKER)
def note_consumer(connection, sender, frame):
    connection.state.setdefault(frame.channel, []).append(frame.decode().consumer_tag)


@only("Basic.Cancel", sender=Side.BROKER)
def cancel_all(connection, sender, frame):
    return [raw for tag in connection.state[frame.channel] for raw in changed(frame, consumer_tag=tag)]


def lies(tap: Tap) -> None:
    tap.rewrite(note_consumer)
    tap.rewrite(cancel_all)
