"""How programs declare the queue that they share."""

import re
from collections.abc import Sequence

from pamqp import commands

from ...wiretap import Side
from ..ledger import Closed, Declaration
from .settlement import ended
from .verdict import Kind, Moment, Verdict

NO_METHOD = 0
"""What stands for the class and method of a refusal that no single method has caused."""
_METHODS = {index: str(vars(method)["name"]).lower() for index, method in commands.INDEX_MAPPING.items()}


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
            declared = Moment(declaration.who, declaration.at, "Queue.Declare")
            seen = f"{declaration.who} declares it {' and '.join(wrong)}"
            return Verdict(False, expected, seen, declared, Kind.DECLARED)
    return Verdict(True, expected, "no declaration of it is otherwise")


def nobody_refused(closed: Sequence[Closed]) -> Verdict:
    """The broker closed no channel or connection with an error."""
    expected = "no refusal by the broker"
    errors = [end for end in closed if end.is_refusal]
    if errors:
        seen = f"{errors[0].who} was told: {errors[0].code} {errors[0].text}"
        return Verdict(False, expected, seen, ended(errors[0]), Kind.REFUSED)
    return Verdict(True, expected, "none")


def connection_refused_for(refusal: Closed, code: int, method: str, *names: str) -> Verdict:
    """The broker closed the whole connection with this code, because of this method, and names all of `names`.

    See `refused_for`.
    """
    return _refused(refusal, code, method, names, whole_connection=True)


def refused_for(refusal: Closed, code: int, method: str, *names: str) -> Verdict:
    """The broker closed the channel, not the connection, with this code, because of this method, and names all of
    `names`. The method is written as `queue.declare`; empty if none causes the refusal, as after a timeout.

    Brokers word the text of a refusal in different ways. Only the names are looked for, in any spelling:
    `auto_delete` is `autoDelete` and `auto-delete`, too.
    """
    return _refused(refusal, code, method, names, whole_connection=False)


def _refused(
    refusal: Closed, code: int, method: str, names: Sequence[str], *, whole_connection: bool
) -> Verdict:
    closed = {True: "the connection", False: "the channel"}
    cause = f" because of {method}" if method else ""
    about = f", naming {' and '.join(map(repr, names))}" if names else ""
    right = (
        refusal.by is Side.BROKER
        and refusal.whole_connection is whole_connection
        and refusal.code == code
        and (not method or refusal.because_of == NO_METHOD or _METHODS.get(refusal.because_of) == method)
        and all(_spelt(name) in _spelt(refusal.text) for name in names)
    )
    return Verdict(
        right,
        f"{closed[whole_connection]} closed with {code}{cause}{about}",
        f"{closed[refusal.whole_connection]} closed with {refusal.code}{_because_of(refusal)}: {refusal.text}",
        None if right else ended(refusal),
    )


def _because_of(refusal: Closed) -> str:
    method = _METHODS.get(refusal.because_of)
    return f" because of {method}" if method else ""


def _spelt(name: str) -> str:
    """The name without what differs between its spellings: case, and whatever is no letter or digit."""
    return re.sub(r"[\W_]", "", name).lower()
