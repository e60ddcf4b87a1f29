"""Whether, when and how a client settles its deliveries: acknowledges or rejects them."""

from collections.abc import Iterable, Sequence

from pamqp import commands

from ..ledger import NEVER_DELIVERED, Closed, Consumer, Delivery, Ledger, Stray
from ..tasks import Task
from .carrying import by_mark
from .verdict import Kind, Moment, Verdict

TIMER = 0.010
"""Seconds by which a program's timer may be early: many timers round down to a millisecond, and the clock of an
emulated or virtual machine is coarser still."""
_SETTLING = frozenset(each.index for each in (commands.Basic.Ack, commands.Basic.Nack, commands.Basic.Reject))
"""The methods that settle deliveries, as a broker names them in its refusal."""


def acknowledges_by_hand(ledger: Ledger) -> Verdict:
    """No message is consumed or fetched in no-ack mode."""
    expected = "no_ack false in every basic.consume and basic.get"
    wrong = [consumer for consumer in ledger.consumers if consumer.no_ack]
    if wrong:
        seen = f"{wrong[0].who} consumes from '{wrong[0].queue}' with no_ack true"
        return Verdict(False, expected, seen, asked(wrong[0]), Kind.NO_ACK)
    taken = [delivery for delivery in ledger.deliveries if delivery.no_ack]
    if taken:
        seen = f"{taken[0].who} took delivery {taken[0].tag} with no_ack true"
        return Verdict(False, expected, seen, came(taken[0]), Kind.NO_ACK)
    if not ledger.deliveries:
        return Verdict(False, expected, "no delivery at all, so nothing to judge")
    return Verdict(True, expected, f"{len(ledger.deliveries)} deliveries, none in no-ack mode")


def acknowledged_after(delivery: Delivery, work: float) -> Verdict:
    """The acknowledgement comes at least `work` seconds after the delivery: before, the work cannot be done.

    The tap notes the time of the delivery before the program receives it, so a correct program is always later.
    """
    expected = f"the acknowledgement {work:.2f} s after the delivery or later"
    if delivery.no_ack:
        seen = "no acknowledgement: the worker consumes in no-ack mode"
        return Verdict(False, expected, seen, came(delivery), Kind.NO_ACK)
    if delivery.settled_at is None:
        return Verdict(False, expected, "none", came(delivery), Kind.UNSETTLED)
    took = delivery.settled_at - delivery.at
    if took < work - TIMER:
        return Verdict(False, expected, f"{took:.3f} s", settled(delivery), Kind.EARLY)
    return Verdict(True, expected, f"{took:.3f} s")


def each_settled_once(ledger: Ledger, *, multiple: bool = False) -> Verdict:
    """Each settlement names exactly one delivery, which is held on the same channel. With `multiple` it may name
    several.
    """
    expected = "one acknowledgement for each delivery, on the channel that brought it"
    if ledger.strays:
        return _strayed(expected, ledger.strays[0])
    refused = [
        closed
        for closed in ledger.closed
        if closed.is_refusal and (closed.because_of in _SETTLING or "delivery tag" in closed.text)
    ]
    if refused:
        seen = f"the broker closed the channel: {refused[0].text}"
        return Verdict(False, expected, seen, ended(refused[0]), Kind.MISSETTLED)
    swept = [delivery for delivery in ledger.deliveries if delivery.settled_together > 1]
    if swept and not multiple:
        seen = f"{swept[0].who} settled {swept[0].settled_together} deliveries with one frame"
        return Verdict(False, expected, seen, settled(swept[0]), Kind.MISSETTLED)
    number = sum(delivery.settled_at is not None for delivery in ledger.deliveries)
    return Verdict(number > 0, expected, f"{number} settled, each once")


def settled_as_promised(ledger: Ledger, work: Sequence[tuple[Task, float]], prefetch: int) -> Verdict:
    """Each delivery is settled once, on its channel. A worker that holds one task at a time settles nothing
    together with it; one that holds several settles only tasks that are done together with it.
    """
    if prefetch == 1:
        return each_settled_once(ledger)
    return each_settled_once(ledger, multiple=True) & settled_together_when_done(ledger.deliveries, work)


def settled_together_when_done(deliveries: Sequence[Delivery], work: Sequence[tuple[Task, float]]) -> Verdict:
    """Of the deliveries that one frame settled together, each was held for as long as its work takes, or the frame
    requeues them. `work` holds the tasks that were sent, each with the seconds that its work takes.

    If the worker has once held a task for that long, it may know the task as done.
    """
    expected = "nothing settled by `multiple` that is not done"
    swept = [each for each in deliveries if each.settled_together > 1 and not each.requeued]
    of_swept = by_mark(swept, [task.mark for task, _ in work])
    at_work = [(task, seconds) for task, seconds in work if task.mark in of_swept]
    of_tasks = by_mark(deliveries, [task.mark for task, _ in at_work]) if at_work else {}
    for task, seconds in at_work:
        if any(held_for(seconds, each) for each in of_tasks[task.mark]):
            continue
        for each in of_swept[task.mark]:
            if each.settled_at is not None:
                seen = (
                    f"{each.who} settled {each.settled_together} deliveries with one frame, {task} among them "
                    f"{each.settled_at - each.at:.3f} s after its delivery, and it takes {seconds:.2f} s"
                )
                return Verdict(False, expected, seen, settled(each), Kind.MISSETTLED)
    return Verdict(bool(deliveries), expected, f"{len(swept)} settled together with others, all done")


def held_for(seconds: float, delivery: Delivery) -> bool:
    """Whether the delivery was held for as long as this work takes."""
    return delivery.held_until is not None and delivery.held_until - delivery.at >= seconds - TIMER


def names_no_old_tag(ledger: Ledger, since: float) -> Verdict:
    """Something was settled after `since`, and no settlement after `since` names a tag that was never delivered on
    its channel.
    """
    verdict = names_no_old_tag_so_far(ledger, since)
    later = [delivery for delivery in ledger.deliveries if (delivery.settled_at or 0) > since]
    return verdict & Verdict(bool(later), verdict.expected, f"{len(later)} settled, each on its channel")


def names_no_old_tag_so_far(ledger: Ledger, since: float) -> Verdict:
    """No settlement after `since` names a tag that was never delivered on its channel.

    It holds as well if nothing was settled after `since`.
    """
    expected = "each acknowledgement with a tag that was delivered on that channel"
    for stray in ledger.strays:
        if stray.at > since and stray.why == NEVER_DELIVERED:
            return _strayed(expected, stray)
    return Verdict(True, expected, "no other tag")


def all_settled(deliveries: Sequence[Delivery]) -> Verdict:
    """Every delivery is settled."""
    open_ = [delivery for delivery in deliveries if delivery.settled_at is None and not delivery.no_ack]
    expected = "every delivery acknowledged or rejected"
    if open_:
        seen = f"{len(open_)} of {len(deliveries)} still unsettled, tag {open_[0].tag} first"
        return Verdict(False, expected, seen, came(open_[0]), Kind.UNSETTLED)
    return Verdict(bool(deliveries), expected, f"{len(deliveries)} settled")


def never_acknowledged(deliveries: Iterable[Delivery]) -> Verdict:
    """None of these deliveries was acknowledged."""
    early = [delivery for delivery in deliveries if delivery.acknowledged or delivery.no_ack]
    expected = "no acknowledgement before the work is done"
    if early:
        how = "taken in no-ack mode" if early[0].no_ack else f"acknowledged at +{early[0].settled_at:.3f} s"
        kind = Kind.NO_ACK if early[0].no_ack else Kind.EARLY
        return Verdict(False, expected, f"{early[0].who}: {how}", settled(early[0]), kind)
    return Verdict(True, expected, "none")


def not_settled_for_good(deliveries: Iterable[Delivery]) -> Verdict:
    """Each of these deliveries is held or was requeued: none was acknowledged, or rejected without requeue."""
    expected = "the task held or requeued"
    gone = [each for each in deliveries if each.no_ack or (each.settled_by is not None and not each.requeued)]
    if gone:
        seen = f"{gone[0].who}: {gone[0].settled_by or 'taken in no-ack mode'}"
        return Verdict(False, expected, seen, settled(gone[0]), Kind.NO_ACK if gone[0].no_ack else Kind.EARLY)
    return Verdict(True, expected, "the same")


def came(delivery: Delivery) -> Moment:
    """When the broker gave the message to the client."""
    what = "Basic.GetOk" if delivery.consumer_tag is None else "Basic.Deliver"
    return Moment(delivery.who, delivery.at, what, delivery.tag)


def settled(delivery: Delivery) -> Moment:
    """When the client settled the message; when it came, if it is not settled."""
    if delivery.settled_at is None:
        return came(delivery)
    return Moment(delivery.who, delivery.settled_at, delivery.settled_by or "", delivery.tag)


def asked(consumer: Consumer) -> Moment:
    """When the client subscribed."""
    return Moment(consumer.who, consumer.at)


def ended(closed: Closed) -> Moment:
    """When the channel or the connection was closed."""
    what = "Connection.Close" if closed.whole_connection else "Channel.Close"
    return Moment(closed.who, closed.at, what)


def _strayed(expected: str, stray: Stray) -> Verdict:
    seen = f"{stray.who} sent {stray.what} for tag {stray.tag}, which {stray.why}"
    decided_by = Moment(stray.who, stray.at, stray.what, stray.tag)
    return Verdict(False, expected, seen, decided_by, Kind.MISSETTLED)


def marked_redelivered(delivery: Delivery) -> Verdict:
    """A message that may have been delivered before is marked as redelivered."""
    return Verdict(
        delivery.redelivered,
        "redelivered set on the second delivery",
        f"redelivered {str(delivery.redelivered).lower()} at {delivery.who}",
        None if delivery.redelivered else came(delivery),
    )


def marked_new(delivery: Delivery) -> Verdict:
    """A message that was never delivered before is not marked as redelivered."""
    return Verdict(
        not delivery.redelivered,
        "redelivered not set on the first delivery",
        f"redelivered {str(delivery.redelivered).lower()} at {delivery.who}",
        came(delivery) if delivery.redelivered else None,
    )
