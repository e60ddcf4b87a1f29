"""What is printed at the end of a run: a line for each clause, and the verdict."""

from collections.abc import Sequence

import pytest

from ..specification.outcomes import Conclusion, Conformance, Outcome, Result, counts
from .explanation import heading, seen_elsewhere

_COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOT_JUDGED: "yellow"}
_VERDICTS = {
    Conformance.CONFORMANT: "green",
    Conformance.NONCONFORMANT: "red",
    Conformance.INCONCLUSIVE: "yellow",
}


def summary(
    terminal: pytest.TerminalReporter, results: Sequence[Result], conclusion: Conclusion, description: str
) -> None:
    """Writes the summary to the terminal. `description` says what was judged, on which broker and how."""
    terminal.section("clauses", sep="=")
    for result in results:
        terminal.write_line(heading(result), **{_COLOURS[result.outcome]: True})
        if result.outcome is Outcome.NOT_JUDGED:
            terminal.write_line(f"    {result.reason}")
        elif result.is_stale:
            terminal.write_line(
                f"    it holds, so remove it from the profile's known failures: {result.known}", red=True
            )
        elif result.known:
            terminal.write_line(f"    known: {result.known}")
        if result.seen_in:
            for line in seen_elsewhere(result):
                terminal.write_line(f"    {line}")
    tally = ", ".join(f"{number} {outcome}" for outcome, number in counts(results).items() if number)
    terminal.write_line("")
    terminal.write_line(description)
    terminal.write_line(
        f"{tally or 'nothing judged'}: {conclusion.verdict} ({conclusion.reason})",
        **{_VERDICTS[conclusion.verdict]: True, "bold": True},
    )
