"""The behaviours of a work queue as SVG files that stand alone, for documents.

Each has its own colours for light and dark, and its own background, since a page may be dark while the reader's
system is light.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from .drawing import drawn
from .layout import picture
from .page import decisive, in_words
from .timeline import timeline

_STYLE = """\
svg{--ink:#1f2328;--paper:#fff;--muted:#57606a;--grid:#d0d7de;--band:#eef1f4;--work:#0067a3;--again:#00704f;\
--reject:#8f3a6d;--queue:#b6c4d2;--outage:#57606a;--bad:#ad3400;--link:#818b98}
@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--paper:#0d1117;--muted:#9ba5b0;--grid:#3a424c;--band:#1c232c;\
--work:#5ab0ea;--again:#55c79a;--reject:#e29ac6;--queue:#42566b;--outage:#9ba5b0;--bad:#ff9566;--link:#7d8793}}"""


def pictures(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of each file, by the clause's slug, and its content: one for each behaviour that passed."""
    for clause in report["clauses"]:
        history = decisive(clause["histories"])
        if clause["id"] in report["behaviours"] and clause["outcome"] == "passed" and history is not None:
            yield f"{clause['slug']}.svg", alone(history, f"{report['behaviours'][clause['id']]}. ")


def alone(history: Any, title: str = "") -> str:
    """The timeline of a history as the content of an SVG file."""
    shown = timeline(history)
    svg = drawn(picture(shown))
    opening, _, rest = svg.partition(">")
    _, _, box = opening.partition('viewBox="')
    width, height = (float(each) for each in box.partition('"')[0].split()[2:])
    margin = 10
    opening = opening.replace(
        f'viewBox="0 0 {width:g} {height:g}"',
        f'xmlns="http://www.w3.org/2000/svg" width="{width + 2 * margin:g}" height="{height + 2 * margin:g}" '
        f'viewBox="{-margin} {-margin} {width + 2 * margin:g} {height + 2 * margin:g}" role="img"',
    )
    return (
        f"{opening}><title>{escape(title + in_words(shown, ''))}</title><style>{_STYLE}</style>"
        f'<rect x="{-margin}" y="{-margin}" width="100%" height="100%" rx="6" fill="var(--paper)"/>{rest}\n'
    )
