"""What becomes of a task: whether it is still to be done, and where it may lie."""

from pamqp import commands

from workqueue_spec.judgement.verdicts.settlement import not_let_go_for_good

from .wire import Script


class TestNotLetGoForGood:
    def test_held_or_given_back(self) -> None:
        assert not_let_go_for_good(Script().deliver(1).ledger.deliveries)
        assert not_let_go_for_good(Script().deliver(1).tap("Tap.Disconnected").ledger.deliveries)
        requeued = Script().deliver(1).client(commands.Basic.Nack(1, requeue=True))
        assert not_let_go_for_good(requeued.ledger.deliveries)

    def test_acknowledged_or_rejected(self) -> None:
        assert not not_let_go_for_good(Script().deliver(1).ack(1).ledger.deliveries)
        rejected = Script().deliver(1).client(commands.Basic.Reject(1, requeue=False))
        verdict = not_let_go_for_good(rejected.ledger.deliveries)
        assert not verdict
        assert "Basic.Reject" in verdict.seen

    def test_taken_in_no_ack_mode(self) -> None:
        script = Script().client(commands.Basic.Consume(0, "task_queue", no_ack=True))
        script.broker(commands.Basic.ConsumeOk("consumer")).deliver(1)
        assert not not_let_go_for_good(script.ledger.deliveries)
