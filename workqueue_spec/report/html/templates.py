"""The environment of the templates. It escapes every text, and shows control and bidirectional characters as
escapes.
"""

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..transcript import safe

if TYPE_CHECKING:
    import jinja2

_HOME = Path(__file__).parent
_SENTENCE = 600
"""The most characters of a sentence."""
_PARAGRAPH = 3000
"""The most characters of a paragraph of the specification."""
_MOST = 2000
"""The most characters of any text."""
_NAME = 80
"""The most characters of a name."""


def environment(*more: Path) -> "jinja2.Environment":
    """The environment for the templates of the report, and for those in the other folders that are named."""
    import jinja2  # noqa: PLC0415 - only who wants HTML needs it

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_HOME, *more]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_without_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["safe_text"] = lambda text, length=_SENTENCE: safe(str(text), length)
    made.filters["brief"] = lambda text: safe(str(text), _NAME)
    made.filters["prose"] = _prose
    made.globals["is_link"] = _is_link
    return made


def style() -> str:
    """The style sheet of the report."""
    return (_HOME / "page.css").read_text(encoding="utf-8")


def digest(text: str) -> str:
    """The hash by which a page's policy (CSP) allows a style sheet or a script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _prose(text: str) -> object:
    """The text with what is in backquotes as code."""
    import markupsafe  # noqa: PLC0415

    parts = safe(text, _PARAGRAPH).split("`")
    if len(parts) % 2 == 0:
        return markupsafe.escape("`".join(parts))
    shown = (
        markupsafe.Markup("<code>{}</code>").format(part) if number % 2 else markupsafe.escape(part)
        for number, part in enumerate(parts)
    )
    return markupsafe.Markup("").join(shown)


def _without_controls(value: object) -> object:
    """A text as it may be shown; what the template itself makes stays as it is."""
    return safe(value, _MOST) if type(value) is str else value


def _is_link(text: object) -> bool:
    """Whether the text may be the target of a link: a page of the web, and nothing that a browser would run."""
    return isinstance(text, str) and text.startswith("https://")
