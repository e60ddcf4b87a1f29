"""How a program ends, and what it writes."""

from collections.abc import Sequence

from ..ledger import Closed, Ledger
from .verdict import LAST_EXIT, Kind, Verdict


def refusal_is_reported(status: int, output: str, closed: Sequence[Closed]) -> Verdict:
    """A program that the broker refused ends with an error, and its output tells the broker's reason.

    The reason is recognised by its code or its name, in whatever language the rest of the output is.
    """
    refusals = [end for end in closed if end.is_refusal]
    if not refusals:
        return Verdict(False, "a refusal by the broker", f"none; the program ended with status {status}")
    reason = refusals[0]
    name = reason.text.split(" - ")[0]
    expected = f"an exit status other than 0, and '{reason.code}' or '{name}' in the output"
    if status == 0:
        return Verdict(False, expected, "exit status 0", LAST_EXIT, Kind.STATUS)
    said = str(reason.code) in output or name in output
    return Verdict(said, expected, "both" if said else f"exit status {status}, and neither in the output")


def fails_and_says_why(status: int, output: str) -> Verdict:
    """The program ends with an error and writes something. The text and its language are up to the program."""
    expected = "an exit status other than 0, and output that says why"
    if status == 0:
        return Verdict(False, expected, "exit status 0", LAST_EXIT, Kind.STATUS)
    said = bool(output.strip())
    return Verdict(said, expected, f"exit status {status}, and {'output' if said else 'no output at all'}")


def leaves_with_an_error(status: int) -> Verdict:
    """A program that ends because it cannot go on does so with an error, so that its supervisor starts it again."""
    decided_by = LAST_EXIT if status == 0 else None
    return Verdict(status != 0, "an exit status other than 0", f"status {status}", decided_by, Kind.STATUS)


def turned_away(ledger: Ledger) -> Verdict:
    """The program tried to log in, so the broker could refuse it.

    The broker gives a reason only to a client with the capability `authentication_failure_close`. The connection of
    another client just ends.
    """
    tried = bool(ledger.greetings or ledger.closed)
    return Verdict(tried, "an attempt to log in", f"{len(ledger.greetings)} attempts")


def keeps_secret(secret: str, output: str) -> Verdict:
    """The secret is nowhere in the program's output, which may be empty."""
    lines = [number for number, line in enumerate(output.splitlines(), 1) if secret in line]
    expected = "no password in the output"
    return Verdict(not lines, expected, f"the password in line {lines[0]}" if lines else "none")


def percent_decoded(part: str, plain: str, given: str) -> Verdict:
    """The program gave the broker this part of its URL percent-decoded.

    `plain` is the part as it is meant. `given` is what the program gave, which may hold other parts as well.
    """
    seen = "the same" if plain in given else repr(given)
    return Verdict(plain in given, f"the {part} {plain!r} given to the broker", seen)
