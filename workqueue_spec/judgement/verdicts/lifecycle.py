"""How a program ends, and what it says."""

from collections.abc import Sequence

from ..ledger import Closed, Ledger
from .verdict import Verdict


def refusal_is_reported(status: int, output: str, closed: Sequence[Closed]) -> Verdict:
    """A program that the broker refused ends with an error, and passes the broker's reason on.

    The reason is recognised by its code or its name, in whatever language the program puts it.
    """
    refusals = [end for end in closed if end.is_refusal]
    if not refusals:
        return Verdict(False, "a refusal by the broker", f"none; the program ended with status {status}")
    reason = refusals[0]
    name = reason.text.split(" - ")[0]
    expected = f"an exit status other than 0, and '{reason.code}' or '{name}' in the output"
    if status == 0:
        return Verdict(False, expected, "exit status 0")
    said = str(reason.code) in output or name in output
    return Verdict(
        said, expected, f"exit status {status}, and an output that does not name it" if not said else "both"
    )


def fails_and_says_why(status: int, output: str) -> Verdict:
    """It ends with an error and says something. What it says, and in which language, is its own affair."""
    expected = "an exit status other than 0, and a word about why"
    if status == 0:
        return Verdict(False, expected, "exit status 0")
    said = bool(output.strip())
    return Verdict(said, expected, f"exit status {status}, and {'a word' if said else 'no output at all'}")


def turned_away(ledger: Ledger) -> Verdict:
    """It said who it is, so that the broker could refuse it. A client that does not ask to be told why is not told:
    its connection ends.
    """
    tried = bool(ledger.greetings or ledger.closed)
    return Verdict(tried, "an attempt to log in", f"{len(ledger.greetings)} attempts")


def keeps_quiet(secret: str, output: str) -> Verdict:
    """The secret is nowhere in what the program says. One that says nothing has kept it."""
    lines = [number for number, line in enumerate(output.splitlines(), 1) if secret in line]
    expected = "no password in the output"
    return Verdict(not lines, expected, f"the password in line {lines[0]} of it" if lines else "none")


def percent_decoded(part: str, plain: str, shown: str) -> Verdict:
    """The broker was shown this part of the URL as it is meant, not as a URL has to write it."""
    seen = "so it is" if plain in shown else f"not that, but {shown!r}"
    return Verdict(plain in shown, f"the {part} {plain!r} of the URL shown to the broker", seen)
