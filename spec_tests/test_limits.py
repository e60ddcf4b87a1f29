"""Limits: what a broker does if a consumer takes too long, a message is too large, or memory runs out.

These limits apply to a whole broker, and the tests set them low. So the tests of these clauses have a broker of
their own.
"""

import pytest

from workqueue_spec.bench.bench import Bench
from workqueue_spec.bench.broker_profiles import AckTimeout, known
from workqueue_spec.bench.broker_settings import acknowledgement_timeout, largest_message, out_of_memory
from workqueue_spec.judgement.verdicts import judge
from workqueue_spec.judgement.verdicts.confirming import acked
from workqueue_spec.judgement.verdicts.declaring import nobody_refused, refused_for
from workqueue_spec.judgement.verdicts.keeping import never_delivered, still_holds
from workqueue_spec.specification.clauses import broker, clause, must, production

from .sources import ALARMS, CONSUMERS, PUBLISHERS

pytestmark = pytest.mark.own_broker

MEBIBYTE = 2**20


@clause(
    "B30", "acknowledgement-timeout", production, must, owed_by=broker, source=CONSUMERS, presumes=("B18",)
)
def test_the_acknowledgement_timeout(bench: Bench) -> None:
    """A consumer that holds a message for longer than the acknowledgement timeout (30 minutes by default) loses
    it. The broker closes the channel with 406 PRECONDITION_FAILED (RabbitMQ up to 4.2), or it ends the consumer
    by `basic.cancel` and the channel stays open (quorum queues from 4.3). From 4.3, a classic queue has no such
    timeout.

    The timeout is a tenth of a second, and a consumer holds a message. The consumer must be told, and the message
    must become ready again. If the queue should have no timeout, the consumer must keep its message, while the
    consumer of a quorum queue beside it must run into the timeout.
    """
    expected = known(bench.broker_profile.ack_timeout, "the acknowledgement timeout", bench.broker_profile)
    with acknowledgement_timeout(bench.broker, milliseconds=100):
        sender, holder = bench.connect_sender(), bench.connect_receiver()
        sender.declares("letters")
        holder.consumes("letters")
        task = sender.publishes("letters")
        bench.somebody_receives(task)

        if expected is AckTimeout.CLOSES:
            judge(refused_for(holder.is_closed(), 406, "", "acknowledgement"))
        elif expected is AckTimeout.CANCELS:
            holder.is_cancelled()
            judge(nobody_refused(holder.ledger.closed))
        else:
            beside = bench.connect_receiver()
            sender.declares("parcels", x_queue_type="quorum")
            beside.consumes("parcels")
            sender.publishes("parcels")
            beside.is_cancelled()
            bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=0))
            holder.acknowledges(task)
            holder.is_answered()
            judge(nobody_refused(holder.ledger.closed))
            return
        bench.queue_becomes(ready=1, queue="letters")


@clause("B40", "oversize-refused", production, must, owed_by=broker, source=PUBLISHERS)
def test_an_oversize_message_is_refused(bench: Bench) -> None:
    """A message that is larger than the broker's limit (16 MiB by default from RabbitMQ 4.0, 128 MiB before)
    closes the channel with 406 PRECONDITION_FAILED, and reaches no queue. A message that is exactly as large as
    the limit is accepted.

    The limit is 16 MiB. One message is exactly that large, and another one is larger by one byte.
    """
    limit = 16 * MEBIBYTE
    with largest_message(bench.broker, limit):
        sender = bench.connect_sender()
        sender.declares("letters")
        judge(acked(sender.offers("letters", bytes(limit))))
        bench.queue_becomes(ready=1, queue="letters")

        refusal = sender.is_refused(lambda: sender.offers("letters", bytes(limit + 1)), "an oversize message")

        judge(refused_for(refusal, 406, "basic.publish"))
        bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=1))


@clause("B43", "alarm-blocks-publishers-alone", production, must, owed_by=broker, source=ALARMS)
def test_a_memory_alarm_blocks_publishers_alone(bench: Bench) -> None:
    """While the broker has a memory alarm, it accepts nothing from connections that publish, and tells them so by
    `connection.blocked`. Connections that only consume go on working. When the alarm is over, the broker accepts
    what was published in the meantime.

    Three messages wait when the alarm is raised, and a fourth is published during the alarm. The consumer must
    get the three and have them acknowledged. It must not get the fourth until the alarm is over.
    """
    sender, receiver = bench.connect_sender(), bench.connect_receiver()
    sender.declares("letters")
    waiting = [sender.publishes("letters") for _ in range(3)]
    receiver.consumes("letters", prefetch=1)
    receiver.receives(waiting[0])

    with out_of_memory(bench.broker):
        (late,) = sender.publishes_at_once(["letters"])
        sender.is_blocked()
        for task in waiting:
            receiver.acknowledges(task)
        bench.stays(lambda: never_delivered(receiver.ledger, [late]))

    sender.is_unblocked()
    receiver.acknowledges(late)
    receiver.closes_its_channel()
    bench.stays(lambda: still_holds("letters", bench.control.counts("letters"), ready=0))
