"""The results as a part of README.md of this folder."""

from collections.abc import Mapping
from pathlib import Path

from workqueue_spec.errors import SetupError

FILE = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- results, written by ./spec bench -->", "<!-- end of the results -->"


def replaced(text: str, results: str) -> str:
    """The text of the README with these results. Raises SetupError if it has no place for them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SetupError(f"benchmarks/README.md has no lines '{BEGIN}' and '{END}'.")
    return f"{before}{BEGIN}\n\n{results}\n\n{END}{after}"


def results(about: Mapping[str, str], tables: Mapping[str, str], *, loaded: bool) -> str:
    """The results as Markdown: what they depend on, and a table below each heading."""
    parts = ["\n".join(f"- {name}: {value}" for name, value in about.items())]
    if loaded:
        parts.append(LOADED)
    parts += [f"### {heading}\n\n{table}" for heading, table in tables.items()]
    return "\n\n".join(parts)


LOADED = (
    "**The machine was loaded by other work.** Seconds are then much too high, and ratios are less reliable; "
    "measure again on an idle machine."
)
