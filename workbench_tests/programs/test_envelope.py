"""Messages to be published."""

from workqueue_spec.programs.envelope import Message, plain


def test_what_is_added_replaces_nothing_that_a_message_has() -> None:
    own = Message(b"body", {"priority": 1, "headers": {"task": "resize"}})

    both = own.with_also({"priority": 9, "app_id": "somebody", "headers": {"task": "no", "trace": "a"}})

    assert both.body == b"body"
    assert both.properties == {
        "priority": 1,
        "app_id": "somebody",
        "headers": {"task": "resize", "trace": "a"},
    }


def test_what_is_added_may_be_all_there_is() -> None:
    assert plain("text").with_also({"headers": {"trace": "a"}}).as_pika().headers == {"trace": "a"}


def test_where_nothing_is_added_the_message_is_as_it_was() -> None:
    assert plain("text").with_also({}) == plain("text")
