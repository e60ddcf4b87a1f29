"""The ledger of publishers: publications, and the broker's replies."""

import pytest
from pamqp import base, commands

from .wire import Script


def published(script: Script, *bodies: bytes) -> Script:
    for body in bodies:
        script.client(commands.Basic.Publish(0, "", "letters", mandatory=True), body=body)
    return script


def test_a_publication_says_where_it_goes() -> None:
    (one,) = published(Script(), b"task").ledger.publications
    assert (one.exchange, one.routing_key, one.mandatory, one.body) == ("", "letters", True, b"task")
    assert (one.number, one.confirmed_by) == (None, None)


def test_publications_are_found_by_what_they_carry() -> None:
    book = published(Script(), b"task k1", b"task k2").ledger
    assert [each.body for each in book.carrying(b"k2")] == [b"task k2"]


def test_an_incomplete_message_is_not_published() -> None:
    assert Script().client(commands.Basic.Publish(0, "", "letters")).ledger.publications == []


def test_a_confirm_is_a_reply() -> None:
    script = published(Script().client(commands.Confirm.Select()), b"one", b"two")
    book = script.broker(commands.Basic.Nack(1)).broker(commands.Basic.Ack(2, True)).ledger
    assert [(each.what, each.number, each.multiple) for each in book.replies] == [
        ("Basic.Nack", 1, False),
        ("Basic.Ack", 2, True),
    ]


def test_a_return_is_a_reply_with_its_message() -> None:
    book = Script().broker(commands.Basic.Return(312, "NO_ROUTE", "", "nowhere"), body=b"task").ledger
    assert [(each.what, each.code, each.body) for each in book.replies] == [("Basic.Return", 312, b"task")]


def test_a_clients_acknowledgement_is_no_reply() -> None:
    assert Script().deliver(1).ack(1).ledger.replies == []


def test_a_confirm_of_everything_confirms_everything() -> None:
    script = published(Script().client(commands.Confirm.Select()), b"one", b"two")
    book = script.broker(commands.Basic.Ack(0, True)).ledger
    assert [each.confirmed_by for each in book.publications] == ["Basic.Ack", "Basic.Ack"]
    assert book.publications[0].confirmed_at == 4.0


def test_the_first_confirm_counts() -> None:
    script = published(Script().client(commands.Confirm.Select()), b"one")
    book = script.broker(commands.Basic.Nack(1)).broker(commands.Basic.Ack(1)).ledger
    assert book.publications[0].confirmed_by == "Basic.Nack"


def test_a_channel_that_is_opened_again_counts_from_one() -> None:
    script = published(Script().client(commands.Channel.Open()).client(commands.Confirm.Select()), b"one")
    script.client(commands.Channel.Close(200, "", 0, 0)).client(commands.Channel.Open())
    book = published(script.client(commands.Confirm.Select()), b"two").ledger
    assert [each.number for each in book.publications] == [1, 1]


@pytest.mark.parametrize(
    ("end", "confirmed"),
    [
        (commands.Tx.CommitOk(), ["Tx.CommitOk", "Tx.CommitOk"]),
        (commands.Tx.RollbackOk(), [None, None]),
    ],
)
def test_a_commit_confirms_what_was_published_in_it(end: base.Frame, confirmed: list[str | None]) -> None:
    book = published(Script().client(commands.Tx.Select()), b"one", b"two").broker(end).ledger
    assert [each.confirmed_by for each in book.publications] == confirmed


def test_a_commit_confirms_nothing_of_another_transaction() -> None:
    script = published(Script().client(commands.Tx.Select()), b"one").broker(commands.Tx.RollbackOk())
    book = published(script, b"two").broker(commands.Tx.CommitOk()).client(commands.Tx.Commit()).ledger
    assert [each.confirmed_by for each in book.publications] == [None, "Tx.CommitOk"]


def test_a_commit_without_its_reply_confirms_nothing() -> None:
    book = published(Script().client(commands.Tx.Select()), b"one").client(commands.Tx.Commit()).ledger
    assert book.publications[0].confirmed_by is None


def test_a_ledger_since_a_time_has_no_earlier_publications_and_grows() -> None:
    script = published(Script().client(commands.Confirm.Select()), b"one", b"two")
    whole = script.ledger
    since = whole.published_since(whole.publications[1].at)
    assert [each.body for each in since.publications] == [b"two"]
    assert since.carrying(b"one") == []
    assert whole.published_since(whole.publications[1].at) is since
    assert [each.body for each in whole.published_since(0.0).publications] == [b"one", b"two"]
