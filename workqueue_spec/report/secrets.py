"""The secrets of this process's run: whatever is shown or written has `HIDDEN` in their place.

A program may print the URL that it is given, and what it prints is evidence. Programs are judged by what they print
as it is; only what a person or a file gets is changed.
"""

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from ..broker import Address, Broker

HIDDEN = "***"

_SHORTEST = 4
"""Characters of a password that is hidden by itself: a shorter one is part of ordinary words, and is hidden in
credentials only."""

_forms: list[str] = []
"""Every form that a secret may have in a text, the longest first."""


def keep_secret(broker: Broker) -> None:
    """From now on hides the password of a broker that is the user's own."""
    if broker.kind == "url":
        _forms[:] = sorted({*_forms, *_forms_of(broker.address)}, key=len, reverse=True)


def forget_secrets() -> None:
    """From now on hides nothing."""
    _forms.clear()


def hide(text: str) -> str:
    """The text without the secrets."""
    for form in _forms:
        text = text.replace(form, HIDDEN)
    return text


def _forms_of(address: Address) -> Iterator[str]:
    """None for guest's usual password, which is no secret."""
    user, password = address.user, address.password
    if not password or (user, password) == ("guest", "guest"):
        return
    for credentials in (f"\0{user}\0{password}", f"{user}:{password}"):
        # Without its end: if more is encoded behind it, the last characters are others.
        encoded = base64.b64encode(credentials.encode()).decode()
        for form in (encoded, encoded.replace("+", "-").replace("/", "_")):
            yield form
            yield form.rstrip("=")
    for name, secret in zip(_written(user), _written(password), strict=True):
        yield f"{name}:{secret}"
        if len(password) >= _SHORTEST:
            yield secret
    if len(password) >= _SHORTEST:
        encoded = base64.b64encode(password.encode()).decode()
        yield from (encoded, encoded.rstrip("="))


def _written(text: str) -> list[str]:
    """The text as it is, in a URL, and as strings of programs are shown."""
    encoded = [quote(text, safe=""), quote(text), quote_plus(text)]
    return [
        text,
        *encoded,
        *(_lower(each) for each in encoded),
        repr(text)[1:-1],
        repr(text.encode())[2:-1],
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        text.encode("unicode_escape").decode(),
    ]


def _lower(encoded: str) -> str:
    """Percent-encoded by lower-case digits."""
    first, *rest = encoded.split("%")
    return "%".join([first, *(each[:2].lower() + each[2:] for each in rest)])
