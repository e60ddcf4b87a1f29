"""The verdicts over producers: what they publish, what they report, and how they fail."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import base, commands

from workqueue_spec.judgement.ledger import Publication
from workqueue_spec.judgement.tasks import Task, any_words
from workqueue_spec.judgement.verdicts.keeping import asks_for_no_removal, removes_nothing
from workqueue_spec.judgement.verdicts.lifecycle import (
    fails_and_says_why,
    keeps_secret,
    leaves_with_an_error,
    percent_decoded,
    refusal_is_reported,
    turned_away,
)
from workqueue_spec.judgement.verdicts.publishing import arrives_whole, each_arrives_whole
from workqueue_spec.judgement.verdicts.reporting import (
    Told,
    fails_after_the_fault,
    first_is_confirmed,
    in_order,
    is_sent,
    nothing_reported_yet,
    same_message_id,
    success_is_confirmed,
    told_truly,
)
from workqueue_spec.judgement.verdicts.retrying import MOST_PER_SECOND, no_hot_loop

from .wire import Script

TEXT = 'say "hi" \\ ½'
TASKS = [Task(f"k{number} sort", f"k{number}", 0) for number in range(1, 4)]


def published(*bodies: bytes, **properties: Any) -> list[Publication]:
    """Publications with these bodies, a second apart."""
    script = Script()
    for body in bodies:
        script.client(
            commands.Basic.Publish(0, "", "task_queue"),
            body=body,
            properties=commands.Basic.Properties(**properties),
        )
    return script.ledger.publications


def answered(mode: base.Frame, *answers: base.Frame) -> list[Publication]:
    """A channel in that mode, and for each of the broker's replies a task that is published before it."""
    script = Script().client(mode)
    for answer in answers:
        script.client(commands.Basic.Publish(0, "", "task_queue"), body=b"task").broker(answer)
    return script.ledger.publications


class TestArrivesWhole:
    @pytest.mark.parametrize(
        "body",
        [
            TEXT.encode(),
            f"[x] {TEXT}!".encode(),
            json.dumps(TEXT).encode(),
            json.dumps({"id": 7, "jobs": [None, {"text": TEXT}]}).encode(),
        ],
    )
    def test_as_it_stands_or_in_json(self, body: bytes) -> None:
        assert arrives_whole(published(body), TEXT)

    @pytest.mark.parametrize(
        "body",
        [
            b"say hi",
            b"",
            b"\xff\xfe",
            TEXT.encode("utf-16"),
            json.dumps({TEXT: "say"}).encode(),
            b"[1, 2",
        ],
    )
    def test_not_whole(self, body: bytes) -> None:
        assert not arrives_whole(published(body), TEXT)

    @given(st.text(min_size=1))
    def test_any_text_survives_json(self, text: str) -> None:
        assert arrives_whole(published(json.dumps([{"text": text}]).encode()), text)

    def test_one_message_and_no_more(self) -> None:
        assert not arrives_whole([], "task")
        assert not arrives_whole(published(b"task", b"task"), "task")

    def test_every_copy_is_whole(self) -> None:
        assert each_arrives_whole(published(b"a task", b"a task"), "a task")
        assert not each_arrives_whole(published(b"a task", b"a"), "a task")
        assert not each_arrives_whole(published(b"a", b"a task"), "a task")
        assert not each_arrives_whole([], "a task")


class TestWordsToSend:
    @given(st.integers(0, 10_000), st.integers(1, 5_000))
    def test_they_are_possible_on_a_command_line(self, seed: int, most: int) -> None:
        words = any_words(random.Random(seed), most)
        # One place may be left in which a space has room, but no word behind it.
        assert most // 2 - 1 <= len(" ".join(words)) <= most
        for word in words:
            assert word
            assert not word.startswith("-")
            assert "\0" not in word
            assert len(word.encode()) < 128 * 1024


class TestReporting:
    @pytest.mark.parametrize(("status", "holds"), [(None, True), (1, True), (-15, True), (0, False)])
    def test_nothing_reported_yet(self, status: int | None, holds: bool) -> None:
        assert bool(nothing_reported_yet(status)) is holds

    @pytest.mark.parametrize(
        ("mode", "answers", "holds"),
        [
            (commands.Confirm.Select(), [commands.Basic.Ack(1)], True),
            (commands.Confirm.Select(), [commands.Basic.Nack(1)], False),
            (commands.Confirm.Select(), [commands.Basic.Nack(1), commands.Basic.Ack(2)], True),
            (commands.Tx.Select(), [commands.Tx.CommitOk()], True),
            (commands.Tx.Select(), [commands.Tx.RollbackOk()], False),
        ],
    )
    def test_success_is_confirmed(self, mode: base.Frame, answers: list[base.Frame], holds: bool) -> None:
        assert bool(success_is_confirmed(0, answered(mode, *answers), came=1)) is holds

    def test_success_without_a_confirm(self) -> None:
        assert not success_is_confirmed(0, published(b"task"), came=1)
        assert not success_is_confirmed(0, [], came=1)

    def test_a_failure_needs_no_confirm_but_a_fault(self) -> None:
        assert success_is_confirmed(1, [], came=1)
        assert success_is_confirmed(-15, [], came=1)
        assert not success_is_confirmed(1, [], came=0)
        assert not success_is_confirmed(1, answered(commands.Confirm.Select(), commands.Basic.Ack(1)), came=0)

    def test_who_still_runs_has_not_reported_success(self) -> None:
        assert success_is_confirmed(None, published(b"task"), came=1)
        assert not success_is_confirmed(None, published(b"task"), came=0)

    @pytest.mark.parametrize(
        ("status", "came", "holds"),
        [(1, 1, True), (-9, 2, True), (0, 1, False), (1, 0, False), (0, 0, False)],
    )
    def test_it_fails_after_the_fault(self, status: int, came: int, holds: bool) -> None:
        assert bool(fails_after_the_fault(status, came)) is holds

    @pytest.mark.parametrize(("came", "holds"), [([], False), ([1.5], True)])
    def test_a_task_is_sent(self, came: list[float], holds: bool) -> None:
        assert bool(is_sent(came)) is holds

    def test_copies_share_an_id(self) -> None:
        assert same_message_id(published(b"task", b"task", message_id="m"))
        assert not same_message_id([*published(b"task", message_id="m"), *published(b"task", message_id="n")])

    def test_without_an_id_copies_share_none(self) -> None:
        assert not same_message_id(published(b"task", b"task"))
        assert not same_message_id([*published(b"task", message_id="m"), *published(b"task")])
        assert not same_message_id([])


class TestOrder:
    @staticmethod
    def came(*bodies: bytes) -> bool:
        script = Script()
        for tag, body in enumerate(bodies, 1):
            script.deliver(tag, body)
        return bool(in_order(script.ledger.deliveries, TASKS))

    def test_in_order(self) -> None:
        assert self.came(b"k1", b"k2", b"k3")

    def test_copies_are_no_disorder(self) -> None:
        assert self.came(b"k1", b"k2", b"k1", b"k3", b"k3")

    @pytest.mark.parametrize(
        "bodies", [[b"k2", b"k1", b"k3"], [b"k1", b"k2"], [b"k1", b"k2", b"k3", b"k9"], []]
    )
    def test_out_of_order(self, bodies: list[bytes]) -> None:
        assert not self.came(*bodies)


class TestPace:
    @given(st.lists(st.integers(0, 60), max_size=40))
    def test_it_counts_every_second(self, eighths: list[int]) -> None:
        """The result is the same as if every second were counted that begins at an eighth of a second."""
        most = max(sum(begin <= each < begin + 8 for each in eighths) for begin in range(-8, 61))
        assert bool(no_hot_loop([each / 8 for each in eighths], "connect")) is (0 < most <= MOST_PER_SECOND)

    def test_ten_in_a_second_and_eleven(self) -> None:
        attempts = [number / 16 for number in range(MOST_PER_SECOND + 1)]
        assert no_hot_loop(attempts[:-1], "connect")
        assert not no_hot_loop(attempts, "connect")
        assert no_hot_loop([*attempts[:-1], 1.0], "connect")

    def test_never_tried(self) -> None:
        assert not no_hot_loop([], "connect")


class TestTrouble:
    @pytest.mark.parametrize(
        ("status", "output", "holds"),
        [
            (1, "kein Anschluss", True),
            (-6, "abort", True),
            (0, "oops", False),
            (1, "", False),
            (1, " \n", False),
        ],
    )
    def test_it_fails_and_says_why(self, status: int, output: str, holds: bool) -> None:
        assert bool(fails_and_says_why(status, output)) is holds

    @pytest.mark.parametrize(
        ("output", "holds"),
        [("cannot connect\n", True), ("", True), ("one\namqp://me:secret@host\n", False), ("secret", False)],
    )
    def test_it_keeps_the_secret(self, output: str, holds: bool) -> None:
        assert bool(keeps_secret("secret", output)) is holds

    def test_it_says_which_line_holds_the_secret(self) -> None:
        assert "line 2" in keeps_secret("secret", "one\ntwo secret\nthree secret").seen


class TestRemoves:
    PUBLISH = commands.Basic.Publish(0, "", "task_queue")

    def test_nothing(self) -> None:
        assert removes_nothing(Script().client(self.PUBLISH, body=b"task").ledger, "task_queue")
        assert removes_nothing(Script().broker(TestRefusals.REFUSAL).ledger, "task_queue")

    @pytest.mark.parametrize("queue", ["task_queue", ""])
    def test_the_queue_or_what_is_on_it(self, queue: str) -> None:
        for removal in (commands.Queue.Delete(queue=queue), commands.Queue.Purge(queue=queue)):
            script = Script().client(removal).client(self.PUBLISH, body=b"task")
            assert not removes_nothing(script.ledger, "task_queue")
            assert not asks_for_no_removal(script.ledger, "task_queue")

    def test_removals_of_other_queues_do_not_count(self) -> None:
        script = Script().client(commands.Queue.Delete(queue="other")).client(self.PUBLISH, body=b"task")
        assert removes_nothing(script.ledger, "task_queue")

    def test_without_a_task_or_a_refusal_nothing_is_shown(self) -> None:
        assert not removes_nothing(Script().ledger, "task_queue")
        assert asks_for_no_removal(Script().ledger, "task_queue")


class TestRefusals:
    REFUSAL = commands.Connection.Close(403, "ACCESS_REFUSED - Login was refused", 0, 0)

    def test_the_first_refusal_is_the_reason(self) -> None:
        script = Script().broker(commands.Channel.Close(404, "NOT_FOUND - no queue", 50, 10))
        closed = script.broker(self.REFUSAL).ledger.closed
        assert refusal_is_reported(1, "NOT_FOUND", closed)
        assert not refusal_is_reported(1, "ACCESS_REFUSED", closed)

    def test_who_is_just_disconnected_was_turned_away(self) -> None:
        login = commands.Connection.StartOk({}, "PLAIN", "\0me\0wrong", "en_US")
        assert turned_away(Script().client(login, channel=0).tap("Tap.Disconnected").ledger)
        assert turned_away(Script().broker(self.REFUSAL).ledger)
        assert not turned_away(Script().ledger)

    def test_a_part_of_a_url_is_decoded(self) -> None:
        assert percent_decoded("password", "a/b", "\0me\0a/b")
        assert not percent_decoded("password", "a/b", "\0me\0a%2Fb")

    def test_a_crash_is_an_error_too(self) -> None:
        assert refusal_is_reported(-6, "403", Script().broker(self.REFUSAL).ledger.closed)

    @pytest.mark.parametrize(
        "script", [Script().client(REFUSAL), Script().broker(commands.Connection.Close(200, "bye", 0, 0))]
    )
    def test_an_end_without_an_error_is_no_refusal(self, script: Script) -> None:
        assert not refusal_is_reported(1, "403 ACCESS_REFUSED 200 bye", script.ledger.closed)


def test_each_of_several_is_told_what_became_of_its_own_task() -> None:
    taken, refused, open_ = published(b"one"), published(b"two"), published(b"three")
    taken[0].confirmed_by, refused[0].confirmed_by = "Basic.Ack", "Basic.Nack"
    assert told_truly(
        [Told("request 1", 0, taken), Told("request 2", 22, refused), Told("request 3", None, open_)]
    )
    for each, why in ((refused, "Basic.Nack"), (open_, "no confirm"), ([], "no confirm")):
        verdict = told_truly([Told("request 1", 0, taken), Told("request 2", 0, each)])
        assert not verdict
        assert verdict.seen == f"request 2 ended with status 0, and {why} of its task came"
        assert verdict.decided_by is not None
        assert verdict.decided_by.who == "request 2"


def test_a_task_that_was_refused_and_then_taken_is_sent() -> None:
    both = [*published(b"one"), *published(b"one")]
    both[0].confirmed_by, both[1].confirmed_by = "Basic.Nack", "Basic.Ack"
    assert told_truly([Told("request 1", 0, both)])


def test_whether_the_first_confirm_has_come() -> None:
    taken = published(b"one")
    assert not first_is_confirmed([Told("request 1", None, taken), Told("request 2", None, [])])
    taken[0].confirmed_by = "Basic.Ack"
    assert first_is_confirmed([Told("request 1", None, taken), Told("request 2", None, [])])


def test_who_cannot_go_on_leaves_with_an_error() -> None:
    assert leaves_with_an_error(1)
    assert leaves_with_an_error(-6)
    assert not leaves_with_an_error(0)
