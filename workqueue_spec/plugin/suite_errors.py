"""Errors of the suite's own inside a test, as text that shows no value of the environment."""

import os
import re

_SHORTEST = 6
"""Characters that a variable's value must have to be hidden: a shorter one may stand in any text by chance."""
_SECRET = re.compile("pass|pwd|secret|token|key|credential|auth|url|uri|dsn", re.IGNORECASE)


def in_one_sentence(error: BaseException) -> str:
    """The error's kind and the first line of its text. A SetupError is a sentence already."""
    text = without_values(str(error)).strip()
    first = text.splitlines()[0] if text else ""
    kind = type(error).__name__
    return first if kind == "SetupError" else f"{kind}: {first}" if first else kind


def without_values(text: str) -> str:
    """The text with the name of a variable instead of its value, for each variable that may hold a secret.

    An environment that was printed as a whole is left out, whatever its variables are called.
    """
    for name, value in sorted(os.environ.items(), key=lambda each: -len(each[1])):
        if len(value) >= _SHORTEST and (_SECRET.search(name) or _as_in_a_dictionary(name, value) in text):
            text = text.replace(value, f"<{name}>")
    return text


def _as_in_a_dictionary(name: str, value: str) -> str:
    return f"{name!r}: {value!r}"
