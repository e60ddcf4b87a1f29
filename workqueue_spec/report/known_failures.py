"""What failed in a run, as a list of known failures in TOML."""

import json
from collections.abc import Collection, Mapping, Sequence

from ..specification.clauses import order
from ..specification.outcomes import Outcome, Result
from .transcript import safe

MARK = "# Written by --write-known-failures"
"""How the first line of the suite's own files begins. A file that begins otherwise is never overwritten."""
_LONGEST = 300
"""Characters of a reason that is taken from a verdict."""


def updated(results: Sequence[Result], before: Mapping[str, str], holds: Collection[str]) -> dict[str, str]:
    """The known failures after a run, each with its reason. `before` is the list before the run, and `holds` names
    the clauses that the run has shown to hold.

    Each clause that failed is on the list, MUST or SHOULD. A clause that was on it keeps its reason; it leaves the
    list only if it holds, and not if the run did not judge it.
    """
    failed = {
        result.id: safe(" ".join(result.reason.split()), _LONGEST)
        for result in results
        if result.outcome is Outcome.FAILED and result.counts
    }
    kept = {id_: reason for id_, reason in before.items() if id_ not in holds}
    found = {**failed, **kept}
    return {id_: found[id_] for id_ in sorted(found, key=order)}


def text(reasons: Mapping[str, str], *, day: str, description: str) -> str:
    """The file of a list of known failures. `day` says when it was written, and `description` of which run."""
    lines = [
        f"{MARK}, {day}: {safe(description, 300)}.",
        "# `./spec check --known-failures FILE` judges with this list. A profile can hold the same table.",
        "# If a clause on the list holds after all, the run fails: remove its line, or write the file again.",
        "# You may write better reasons, such as links to issues: they stay if the file is written again.",
        "",
        "[known_failures]",
        *(f"{id_} = {_toml(reason)}" for id_, reason in reasons.items()),
    ]
    return "\n".join(lines) + "\n"


def _toml(value: str) -> str:
    """A string of JSON is one of TOML, except that TOML escapes one character more."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
