"""How programs declare the queue that they share."""

from collections.abc import Sequence

from ..ledger import Closed, Declaration
from .verdict import Verdict


def declared_durable(declarations: Sequence[Declaration], queue: str) -> Verdict:
    """Every declaration of the queue makes it outlive its clients and a restart of the broker."""
    expected = f"'{queue}' declared durable, neither exclusive nor auto-delete"
    for declaration in declarations:
        if declaration.queue != queue or declaration.passive:
            continue
        wrong = [
            name
            for name, is_wrong in [
                ("not durable", not declaration.durable),
                ("exclusive", declaration.exclusive),
                ("auto-delete", declaration.auto_delete),
            ]
            if is_wrong
        ]
        if wrong:
            return Verdict(False, expected, f"{declaration.who} declares it {' and '.join(wrong)}")
    return Verdict(True, expected, "no declaration of it is otherwise")


def nobody_refused(closed: Sequence[Closed]) -> Verdict:
    """The broker closed no channel or connection with an error."""
    expected = "no refusal by the broker"
    errors = [end for end in closed if end.is_refusal]
    if errors:
        return Verdict(False, expected, f"{errors[0].who} was told: {errors[0].code} {errors[0].text}")
    return Verdict(True, expected, "none")


def connection_refused_for(refusal: Closed, code: int, about: str) -> Verdict:
    """The broker closed the whole connection with this code, and its text names `about`."""
    what = "the connection" if refusal.whole_connection else "only the channel"
    return Verdict(
        refusal.code == code and about in refusal.text and refusal.whole_connection,
        f"the connection closed with {code}, saying {about!r}",
        f"{what} closed with {refusal.code}: {refusal.text}",
    )


def refused_for(refusal: Closed, code: int, about: str) -> Verdict:
    """The broker closed the channel, not the connection, with this code, and its text names `about`."""
    what = "the whole connection" if refusal.whole_connection else "the channel"
    right = refusal.code == code and about in refusal.text and not refusal.whole_connection
    return Verdict(
        right,
        f"the channel closed with {code}, saying {about!r}",
        f"{what} closed with {refusal.code}: {refusal.text}",
    )
