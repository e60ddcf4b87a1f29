"""A badge: what a program keeps, as a small picture (SVG) and as data for an endpoint badge of shields.io."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from ...specification.clauses import Level
from ...specification.outcomes import Conformance
from ..html.labels import width_of
from ..transcript import safe
from .runs import Run, worst

_SIZE = 11.0
"""The height of the letters, in pixels."""
_MARGIN = 6.0
_LABEL = 60
"""The most characters of the label."""
_COLOURS = {
    Conformance.CONFORMANT: "#116329",
    Conformance.NONCONFORMANT: "#ad3400",
    Conformance.INCONCLUSIVE: "#7d4e00",
}


@dataclass(frozen=True)
class Badge:
    """What a badge says, and its colour."""

    label: str
    message: str
    colour: str

    def as_svg(self) -> str:
        """The badge as an element of SVG that stands alone, too. It has no ids and loads nothing."""
        left, right = (width_of(each, _SIZE) + 2 * _MARGIN for each in (self.label, self.message))
        label, message = escape(self.label), escape(self.message)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.0f}" height="20" '
            f'viewBox="0 0 {left + right:.0f} 20" role="img" aria-label="{label}: {message}">'
            f'<rect width="{left + right:.0f}" height="20" rx="3" fill="{self.colour}"/>'
            f'<path d="M3 0h{left - 3:.1f}v20h-{left - 3:.1f}a3 3 0 0 1-3-3v-14a3 3 0 0 1 3-3" fill="#424a53"/>'
            f'<g fill="#ffffff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="{_SIZE:g}" '
            f'text-anchor="middle"><text x="{left / 2:.1f}" y="14">{label}</text>'
            f'<text x="{left + right / 2:.1f}" y="14">{message}</text></g></svg>\n'
        )

    def as_endpoint(self) -> str:
        """The badge as JSON, as https://shields.io/badges/endpoint-badge describes it."""
        data = {"schemaVersion": 1, "label": self.label, "message": self.message, "color": self.colour}
        return json.dumps(data) + "\n"


def badge(runs: Sequence[Run], broker: str = "") -> Badge:
    """The badge of a program from some of its runs: the worst verdict counts. `broker` is named if it is given."""
    verdict = worst(runs)
    broken = max(each.failed(Level.MUST) for each in runs)
    breaks = verdict is Conformance.NONCONFORMANT and broken
    return Badge(
        safe(f"work queue on {broker}" if broker else "work queue", _LABEL),
        f"breaks {broken} MUST" if breaks else str(verdict),
        _COLOURS[verdict],
    )
