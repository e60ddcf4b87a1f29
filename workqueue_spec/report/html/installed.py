"""Whether what the HTML report needs is installed, and whether a JSON report can be shown by it."""

import importlib.util
import json
from pathlib import Path
from typing import Any

from ...errors import SetupError
from ..transcript import safe

_NEEDED = ("jinja2", "vl_convert")
_SCHEMA = Path(__file__).parents[1] / "schema-2.json"
_LATER = frozenset({"remedy", "foreseen", "prefetch", "concurrency", "exchange", "routing_key", "queues"})
"""Keys that reports of schema 2 lacked at first."""
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def check_installed(what: str) -> None:
    """Raises SetupError if the packages of the extra `html` are not there. `what` names what asks for them."""
    if any(importlib.util.find_spec(each) is None for each in _NEEDED):
        raise SetupError(f"{what} needs more packages; run: pip install 'workqueue-spec[html]'")


def mistake_in(report: object) -> str:
    """Why this is no report that can be shown, as the end of a sentence; empty if it is one."""
    if not isinstance(report, dict) or "verdict" not in report or "clauses" not in report:
        return "is not a report of `check`"
    found = report.get("schema")
    if found == 1:
        return "has the schema 1, which holds no events to show; write it again with this version of `check`"
    if found != 2:
        return f"has the schema {safe(str(found), 20)}, and this version can show the schema 2"
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    wrong = _wrong(report, schema, schema["$defs"], "")
    return f"is a damaged report: {safe(wrong, 200)}" if wrong else ""


def _wrong(value: object, schema: dict[str, Any], definitions: dict[str, Any], where: str) -> str:
    """Where the value is not as the schema says, as far as types and keys go; empty if it is."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    types = schema.get("type", [])
    allowed = tuple(_TYPES[each] for each in ([types] if isinstance(types, str) else types))
    flat = tuple(kind for each in allowed for kind in (each if isinstance(each, tuple) else (each,)))
    if flat and not isinstance(value, flat):
        return f"{where or 'it'} has another type than {types}"
    choices = schema.get("enum")
    if choices is not None and value not in choices:
        return f"{where} is none of {', '.join(map(str, choices))}"
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value and key not in _LATER:
                return f"{where or 'it'} lacks the key {key}"
        for key, each in value.items():
            of_key = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if isinstance(of_key, dict) and (
                wrong := _wrong(each, of_key, definitions, f"{where}.{key}"[:80])
            ):
                return wrong
    if isinstance(value, list) and "items" in schema:
        for number, each in enumerate(value):
            if wrong := _wrong(each, schema["items"], definitions, f"{where}[{number}]"[:80]):
                return wrong
    return ""
