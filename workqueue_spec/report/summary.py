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
    terminal: pytest.TerminalReporter,
    results: Sequence[Result],
    conclusion: Conclusion,
    description: str,
    edition: str = "",
) -> None:
    """Writes the summary to the terminal. `description` says what was judged, on which broker and how. `edition` is
    the name of the edition that was asked for, if one was.
    """
    terminal.section("clauses", sep="=")
    for result in results:
        colour = _COLOURS[result.outcome if result.counts else Outcome.NOT_JUDGED]
        terminal.write_line(heading(result), **{colour: True})
        if result.change is not None:
            terminal.write_line(f"    {result.change.since(edition)}: it is shown, and does not count")
        if result.outcome is Outcome.NOT_JUDGED:
            terminal.write_line(f"    {result.reason}")
        elif result.is_stale:
            terminal.write_line(
                f"    it holds, so remove it from the known failures: {result.known}", red=True
            )
        elif result.known and result.outcome is Outcome.FAILED:
            terminal.write_line(f"    known: {result.known}")
        if result.seen_in:
            for line in seen_elsewhere(result):
                terminal.write_line(f"    {line}")
    terminal.write_line("")
    terminal.write_line(description)
    if beside := _tally([result for result in results if not result.counts]):
        terminal.write_line(f"not in edition {edition}, or reworded since: {beside}")
    tally = _tally([result for result in results if result.counts])
    terminal.write_line(
        f"{tally or 'nothing judged'}: {conclusion.verdict} ({conclusion.reason})",
        **{_VERDICTS[conclusion.verdict]: True, "bold": True},
    )


def _tally(results: Sequence[Result]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in counts(results).items() if number)
