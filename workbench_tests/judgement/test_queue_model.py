"""The model of a queue, with both answers: what it allows, and what it does not."""

import pytest

from workqueue_spec.judgement.model import Differences, Fate, QueueModel
from workqueue_spec.judgement.verdicts import Broken, Moment
from workqueue_spec.judgement.verdicts.ordering import Place

SEEN = Moment("client 1", 0.0, "Basic.Deliver")
CLASSIC = Differences(Place.OLD, Place.OLD, keeps_transient=False, counts_holders=False)
QUORUM = Differences(Place.TAIL, Place.FRONT, keeps_transient=True, counts_holders=True)


def model_with(messages: int, differences: Differences = CLASSIC) -> QueueModel:
    model = QueueModel(differences)
    model.publishes(1, messages, persistent=True, mandatory=False)
    return model


def fetch(model: QueueModel, number: int, tag: int = 1, *, redelivered: bool = False) -> None:
    model.fetches()
    model.is_delivered(1, tag, number, redelivered=redelivered, consumer=None, seen=SEEN)


def test_the_oldest_message_comes_first() -> None:
    fetch(model_with(2), 1)
    with pytest.raises(Broken):
        fetch(model_with(2), 2)


def test_a_message_that_is_held_does_not_come() -> None:
    model = model_with(1)
    fetch(model, 1)
    with pytest.raises(Broken):
        fetch(model, 1, tag=2, redelivered=True)


def test_a_message_that_was_never_published_does_not_come() -> None:
    with pytest.raises(Broken):
        fetch(model_with(1), 2)


def test_what_was_given_back_goes_where_the_queue_type_says() -> None:
    for differences, expected in ((CLASSIC, 1), (QUORUM, 2)):
        model = model_with(2, differences)
        fetch(model, 1)
        model.requeues(model.held_by(1))
        assert model.line.next() == {expected}


def test_what_was_given_back_comes_marked() -> None:
    model = model_with(1)
    fetch(model, 1)
    model.requeues(model.held_by(1))
    with pytest.raises(Broken):
        fetch(model, 1, tag=2)


def test_a_message_is_not_marked_at_first() -> None:
    with pytest.raises(Broken):
        fetch(model_with(1), 1, redelivered=True)


def test_a_queue_that_holds_a_message_does_not_say_that_it_has_none() -> None:
    model_with(0).found_nothing()
    with pytest.raises(Broken):
        model_with(1).found_nothing()


def test_what_is_due_depends_on_the_prefetch() -> None:
    model = model_with(3)
    model.consumes(1, "a", 2)
    assert model.due == 2
    for number in (1, 2):
        model.is_delivered(1, number, number, redelivered=False, consumer="a", seen=SEEN)
    assert model.due == 0
    with pytest.raises(Broken):
        model.is_delivered(1, 3, 3, redelivered=False, consumer="a", seen=SEEN)


def test_the_counts_of_a_queue_are_compared() -> None:
    model = model_with(2)
    assert model.miscounted(2, 0) is None
    assert model.miscounted(1, 0) is not None
    assert model.miscounted(2, 1) is not None


def test_a_message_without_a_confirm_may_come_or_not() -> None:
    model = model_with(1)
    model.publishes_without_confirm(1, 1, persistent=True)
    assert model.miscounted(1, 0) is None
    assert model.miscounted(2, 0) is None
    assert model.miscounted(3, 0) is not None


def test_what_a_lost_client_held_is_ready_again() -> None:
    model = model_with(1)
    fetch(model, 1)
    model.loses_client(1)
    assert model.of(Fate.READY) == list(model.messages.values())
    assert model.miscounted(1, 0) is None


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("differences", [CLASSIC, QUORUM])
def test_what_is_ready_or_held_is_there_after_a_restart(differences: Differences, killed: bool) -> None:
    model = model_with(3, differences)
    model.consumes(2, "a", 1)
    model.is_delivered(2, 1, 1, redelivered=False, consumer="a", seen=SEEN)
    model.is_restarted(killed=killed)
    assert model.miscounted(3, 0) is None
    assert model.miscounted(2, 0) is not None
    assert 1 in model.line.next()
    fetch(model, 1)  # a broker may forget that it was delivered before
    fetch(model, 2, tag=2, redelivered=True)


def test_what_was_acknowledged_comes_again_only_if_the_broker_was_killed() -> None:
    for killed in (False, True):
        model = model_with(1)
        fetch(model, 1)
        model.acknowledges(model.held_by(1))
        model.is_restarted(killed=killed)
        assert (model.miscounted(1, 0) is None) is killed
        assert model.miscounted(0, 0) is None


def test_a_dead_letter_that_was_fetched_is_settled() -> None:
    model = model_with(1)
    fetch(model, 1)
    model.dead_letters(model.held_by(1))
    model.dead_letters_are_fetched()
    assert not model.of(Fate.DEAD_LETTERED)
    model.is_restarted(killed=False)
    assert model.miscounted(1, 0) is not None


def test_a_transient_message_survives_a_restart_as_the_queue_type_says() -> None:
    unknown = Differences(Place.OLD, Place.OLD, keeps_transient=None)
    for differences, counts in ((CLASSIC, {0}), (QUORUM, {1}), (unknown, {0, 1})):
        model = QueueModel(differences)
        model.publishes(1, 1, persistent=False, mandatory=False)
        model.is_restarted(killed=False)
        assert {count for count in (0, 1, 2) if model.miscounted(count, 0) is None} == counts


def test_an_uncertain_message_may_cross_the_end_of_a_subscription() -> None:
    for is_cancelled in (True, False):
        model = QueueModel(QUORUM)
        model.publishes_without_confirm(2, 1, persistent=True)
        model.consumes(1, "a", 1)
        if is_cancelled:
            model.cancels(1, "a")
        else:
            model.loses_client(1)
        model.is_delivered(1, 1, 1, redelivered=False, consumer="a", seen=SEEN)
        assert len(model.held) == int(is_cancelled)


def test_a_message_that_is_certain_does_not_come_after_a_cancel() -> None:
    model = model_with(1)
    model.consumes(1, "a", 1)
    model.cancels(1, "a")
    with pytest.raises(Broken):
        model.is_delivered(1, 1, 1, redelivered=False, consumer="a", seen=SEEN)
