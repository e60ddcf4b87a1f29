import pytest
from hypothesis import given
from hypothesis import strategies as st

from workqueue_spec.broker import erlang
from workqueue_spec.errors import SetupError


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_name_may_hold_any_character(name: str) -> None:
    written = erlang.binary(name)

    numbers = written.removeprefix("<<").removesuffix(">>")
    assert bytes(int(number) for number in numbers.split(",") if number).decode() == name
    assert set(numbers) <= set("0123456789,")


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("{ok, ok}", "ok"),
        ("{ok, {error, gone}}\n", "{error, gone}"),
        ('{ok, "a}b"}', '"a}b"'),
        ("{ok, [1,\n 2]}", "[1,\n 2]"),
    ],
)
def test_an_answer_is_the_value(printed: str, value: str) -> None:
    assert erlang.answer(printed) == value


@pytest.mark.parametrize("printed", ["", "{error, no}", "erl_call: failed to connect to node", "{ok, "])
def test_anything_else_is_a_failure(printed: str) -> None:
    with pytest.raises(SetupError, match="did not run an expression"):
        erlang.answer(printed)
