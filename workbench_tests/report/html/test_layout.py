"""Where everything lies on the picture."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.report.html.labels import Label, place, shortened, width_of
from workqueue_spec.report.html.layout import picture
from workqueue_spec.report.html.shapes import NARROW, WIDE, Format, Picture, Words
from workqueue_spec.report.html.time_axis import time_axis
from workqueue_spec.report.html.timeline import Weight, timeline

from . import histories

times = st.floats(0, 1000, allow_nan=False).map(lambda each: round(each, 4))


def box(words: Words) -> tuple[float, float, float, float]:
    width = width_of(words.text, words.size)
    left = words.x - {"left": 0.0, "center": width / 2, "right": width}[words.align]
    return left, words.y - words.size / 2, left + width, words.y + words.size / 2


def overlapping(made: Picture) -> list[tuple[str, str]]:
    boxes = [(each.text, box(each)) for each in made.words]
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(boxes, 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]


@pytest.mark.parametrize("form", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("make", histories.EVERY)
def test_no_text_lies_on_another_one_or_leaves_the_picture(make: Any, form: Format) -> None:
    made = picture(timeline(make()), "the sentence that says what decided, which may be long " * 4, form)
    assert overlapping(made) == []
    assert all(box(each)[0] >= 0 and box(each)[2] <= form.width + 1 for each in made.words)


@pytest.mark.parametrize("make", histories.EVERY)
def test_a_narrow_picture_shows_what_decided_and_all_lanes(make: Any) -> None:
    history = make()
    shown = timeline({**history, "judged_at": history["events"][-1]["at"] + 10})
    made = picture(shown, "what decided", NARROW)
    said = {each.text for each in made.words}
    assert {*shown.lanes, "what decided"} <= said
    (line,) = [each for each in made.links if each.colour == "bad"]
    assert 0 < line.x < NARROW.width


@pytest.mark.parametrize("form", [WIDE, NARROW], ids=["wide", "narrow"])
def test_outages_that_are_near_to_each_other_have_their_texts_apart(form: Format) -> None:
    script = histories.Script()
    for at in (1.0, 2.0, 9.0):
        script.add(at, "broker", "unreachable", text="killed, starts again")
        script.add(at + 0.5, "broker", "reachable")
    made = picture(timeline(script.history()), "", form)
    assert sum(each.text.startswith("killed, starts again,") for each in made.words) == 3
    assert overlapping(made) == []


def test_a_crash_can_be_read_without_a_legend() -> None:
    said = {each.text for each in picture(timeline(histories.crash())).words}
    assert {"worker 1", "worker 2", "queue", "killed", "task 1", "task 2"} <= said
    assert any("again" in each or "redelivered" in each for each in said)


def test_a_redelivery_is_tied_to_the_delivery_before() -> None:
    made = picture(timeline(histories.crash()))
    (link,) = made.links
    assert (link.x, link.x2) == (made.axis(1.3), made.axis(1.35))


def test_what_survived_a_restart_is_tied_to_its_publication() -> None:
    made = picture(timeline(histories.restart()))
    assert len(made.links) == 4
    assert any("restart, 4.8 s" in each.text for each in made.words)


def test_the_deciding_event_has_a_line_a_ring_and_its_sentence() -> None:
    made = picture(timeline(histories.early()), "acknowledged before the work: 6 ms after the delivery")
    (ring,) = [each for each in made.glyphs if each.shape == "ring"]
    assert ring.x == made.axis(1.006)
    assert "acknowledged before the work: 6 ms after the delivery" in {each.text for each in made.words}


def test_what_did_not_happen_has_a_line_where_it_was_judged() -> None:
    shown = timeline({**histories.crash(), "judged_at": 18.4})
    made = picture(shown, "judged here: nobody within 15 s")
    (line,) = [each for each in made.links if each.colour == "bad"]
    assert line.x == made.axis(18.4) == max(made.axis.pixels)
    assert "judged here: nobody within 15 s" in {each.text for each in made.words}
    assert not [each for each in made.glyphs if each.shape == "ring"]
    assert not [each for each in picture(shown).links if each.colour == "bad"], "the clause holds"


def test_hundreds_of_deliveries_are_shown_as_their_density() -> None:
    made = picture(timeline(histories.hot_loop()), "too often")
    assert len(made.words) < 15
    assert "task 1 delivered 190 times in 1.9 s" in {each.text for each in made.words}
    (density,) = [each for each in made.areas if each.fill == "work"]
    assert 100 < len(density.steps) < (WIDE.width - WIDE.gutter) / 2


def test_a_density_says_that_more_was_delivered_if_events_are_left_out() -> None:
    history = histories.hot_loop()
    history["events"] = history["events"][:20] + history["events"][60:]
    said = {each.text for each in picture(timeline(history), "too often").words}
    assert "task 1 delivered at least 170 times in 1.9 s" in said


def test_all_that_a_worker_holds_at_once_has_a_row() -> None:
    made = picture(timeline(histories.hoarder(8)), "")
    rows = {each.top for each in made.bars if each.fill == "work"}
    assert len(rows) == 8


@given(st.lists(times, min_size=1, max_size=60), st.lists(times, max_size=40))
def test_an_axis_never_goes_back(moments: list[float], asked: list[float]) -> None:
    axis = time_axis(moments, min(moments), max(moments) + 1, 100, 800)
    places = [axis(each) for each in sorted(asked)]
    assert places == sorted(places)
    assert all(100 <= each <= 800 for each in places)
    ticks, _ = axis.ticks()
    assert all(axis(after) - axis(before) > 60 for before, after in itertools.pairwise(ticks))


def test_time_is_to_scale_if_there_is_room() -> None:
    axis = time_axis([1, 2, 3, 4], 0, 5, 0, 700)
    assert not axis.breaks
    assert axis(2) - axis(1) == pytest.approx(axis(5) - axis(4))


def test_a_long_gap_between_crowded_moments_is_shortened_and_the_rest_is_to_one_scale() -> None:
    early, late = [0.001 * number for number in range(10)], [9 + 0.001 * number for number in range(10)]
    axis = time_axis([*early, *late], 0, late[-1], 0, 700)
    (cut,) = axis.breaks
    assert (cut.start, cut.end) == (early[-1], late[0])
    assert axis(early[1]) - axis(early[0]) == pytest.approx(axis(late[1]) - axis(late[0]))


def test_a_silence_is_never_shortened() -> None:
    moments = [0.001 * number for number in range(10)]
    assert time_axis(moments, 0, 3.0, 0, 700).breaks
    assert not time_axis(moments, 0, 3.0, 0, 700, kept=[(0.009, 3.0)]).breaks


@given(
    st.lists(
        st.tuples(st.floats(0, 700), st.sampled_from(list(Weight)), st.text(min_size=1, max_size=30)),
        max_size=30,
    )
)
def test_placed_labels_never_overlap(given_labels: list[tuple[float, Weight, str]]) -> None:
    labels = [Label(x, [text], weight) for x, weight, text in given_labels]
    placed, _ = place(labels, 0, 700, 12)
    assert len(placed) == len(labels)
    spans = [
        (
            each.row,
            each.x - width_of(each.text, 12) * each.to_the_left,
            each.x + width_of(each.text, 12) * (not each.to_the_left),
        )
        for each in placed
        if each.text
    ]
    for (row, left, right), (other_row, other_left, other_right) in itertools.combinations(spans, 2):
        assert row != other_row or right <= other_left or other_right <= left


def test_the_weightiest_labels_are_placed_first() -> None:
    labels = [Label(100, ["x" * 40], Weight.DETAIL) for _ in range(9)] + [
        Label(100, ["killed"], Weight.GREAT)
    ]
    placed, rows = place(labels, 0, 700, 12)
    assert next(each.row for each in placed if each.text == "killed") == 0
    assert rows <= 4


def test_a_text_is_cut_to_a_width() -> None:
    assert shortened("short", 100, 12) == "short"
    cut = shortened("a very long name of a lane", 80, 12)
    assert cut.endswith("…")
    assert width_of(cut, 12) <= 80
