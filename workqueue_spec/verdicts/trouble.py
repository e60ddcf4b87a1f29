"""How a program bears up: that it ends, says why, and does not make things worse."""

from collections.abc import Sequence

from .verdict import Verdict

MOST_ATTEMPTS = 20
"""Attempts to connect in one second that are still no hot loop. A client library's own quick retries, over
the addresses of a host's name, say, are a handful; a loop without a delay makes hundreds on loopback."""


def fails_and_says_why(status: int, output: str) -> Verdict:
    """It ends with an error and says something. What it says, and in which language, is its own affair."""
    expected = "an exit status other than 0, and a word about why"
    if status == 0:
        return Verdict(False, expected, "exit status 0")
    said = bool(output.strip())
    return Verdict(said, expected, f"exit status {status}, and {'a word' if said else 'no output at all'}")


def no_hot_loop(attempts: Sequence[float]) -> Verdict:
    """It tried, and no more often in any second than a network and a broker can bear of many clients."""
    expected = f"at least one attempt to connect, and at most {MOST_ATTEMPTS} in any second"
    most = max((sum(0 <= other - at < 1 for other in attempts) for at in attempts), default=0)
    return Verdict(0 < most <= MOST_ATTEMPTS, expected, f"{most} in one second, {len(attempts)} in all")


def keeps_quiet(secret: str, output: str) -> Verdict:
    """The secret is nowhere in what the program says."""
    lines = [number for number, line in enumerate(output.splitlines(), 1) if secret in line]
    expected = "no password in the output"
    return Verdict(not lines, expected, f"the password in line {lines[0]} of it" if lines else "none")
