"""How a program bears up: that it ends, says why, and does not make things worse."""

from .verdict import Verdict


def fails_and_says_why(status: int, output: str) -> Verdict:
    """It ends with an error and says something. What it says, and in which language, is its own affair."""
    expected = "an exit status other than 0, and a word about why"
    if status == 0:
        return Verdict(False, expected, "exit status 0")
    said = bool(output.strip())
    return Verdict(said, expected, f"exit status {status}, and {'a word' if said else 'no output at all'}")


def keeps_quiet(secret: str, output: str) -> Verdict:
    """The secret is nowhere in what the program says. One that says nothing has kept it."""
    lines = [number for number, line in enumerate(output.splitlines(), 1) if secret in line]
    expected = "no password in the output"
    return Verdict(not lines, expected, f"the password in line {lines[0]} of it" if lines else "none")
