"""A command line with places in it, which are filled in before it is run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

OF_THE_BROKER = ("url", "host", "port", "user", "password", "vhost")
OF_THE_SUBJECT = ("queue", "seconds_per_dot")
OF_THE_TASK = ("task", "text")
"""`{task}` is one argument for each word, `{text}` the words in one text."""
PLACES = (*OF_THE_BROKER, *OF_THE_SUBJECT, *OF_THE_TASK)

_PLACE = re.compile(r"\{\{(?P<kept>[a-z_]+)\}\}|(?<!\$)\{(?P<place>[a-z_]+)\}")
"""A lower-case name in braces. Neither JSON nor a shell's `${name}` looks like that; what does, and is meant
as it stands, is written with double braces."""


@dataclass(frozen=True)
class Command:
    """A command line, and the folder it is run in."""

    parts: tuple[str, ...]
    folder: Path

    def filled(self, places: Mapping[str, str], words: Sequence[str] = ()) -> list[str]:
        """The command with its places filled; a task's words stand at its end if it has no place for them."""
        places_for_words = {place for part in self.parts for place in named(part)} & set(OF_THE_TASK)
        parts = self.parts if places_for_words else (*self.parts, "{task}")
        line: list[str] = []
        for part in parts:
            line += words if part == "{task}" else [filled(part, {**places, "text": " ".join(words)})]
        return line


def named(text: str) -> Iterator[str]:
    """The places that the text names, whether there are such places or not."""
    return (match["place"] for match in _PLACE.finditer(text) if match["place"])


def filled(text: str, places: Mapping[str, str]) -> str:
    """The text with its places filled."""

    def fill(match: re.Match[str]) -> str:
        if match["kept"]:
            return f"{{{match['kept']}}}"
        return places.get(match["place"], match[0])

    return _PLACE.sub(fill, text)


def places_of(url: str) -> dict[str, str]:
    """What a broker's URL says, part by part. It may be a URL that makes no sense: then so do its parts."""
    parts = urlsplit(url)
    credentials, _, listener = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    host, _, port = listener.rpartition(":")
    values = (url, host.strip("[]"), port, unquote(user), unquote(password), unquote(parts.path[1:]))
    return dict(zip(OF_THE_BROKER, values, strict=True))


def without_secrets(places: Mapping[str, str]) -> dict[str, str]:
    """The places that hold a password, as they may be shown."""
    scheme, separator, rest = places["url"].partition("://")
    credentials, at, place = rest.rpartition("@")
    user = credentials.partition(":")[0]
    return {"url": f"{scheme}{separator}{user}:...@{place}" if at else places["url"], "password": "..."}


def mistakes(text: str, allowed: Sequence[str] = PLACES) -> Iterator[str]:
    """What is wrong with the places of a text, each in half a sentence."""
    for place in named(text):
        if place not in PLACES:
            known = ", ".join(f"{{{each}}}" for each in allowed)
            yield f"has no place {{{place}}} to fill: there are {known}, and {{{{{place}}}}} stands for itself"
        elif place not in allowed:
            yield f"cannot hold {{{place}}}: {_WHY_NOT[place]}"
        elif place == "task" and text != "{task}":
            yield "has {task} inside a longer text, but it stands for several arguments: use {text}"


_WHY_NOT = {
    "task": "it stands for several arguments, and only a producer is given a task's",
    "text": "only a producer is given a task's text",
}
