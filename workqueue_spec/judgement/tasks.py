"""Tasks as the suite writes them: a text with a unique token, and one dot for each unit of work."""

import random
import re
import secrets
from dataclasses import dataclass

from .encodings import readings

_WORDS = ["resize", "fetch", "index", "mail", "render", "sort", "count", "merge"]


_TOKEN = re.compile(rb"k[0-9a-f]{8}")
"""A token. Two of them never overlap, so that `findall` finds every one."""


def is_token(text: bytes) -> bool:
    """Whether the text has the form of a task's token."""
    return _TOKEN.fullmatch(text) is not None


def tokens_in(body: bytes) -> set[bytes]:
    """Every token that the body holds, plain or in a common encoding."""
    found: set[bytes] = set()
    for reading in readings(body):
        found.update(_TOKEN.findall(reading))
    return found


@dataclass(frozen=True)
class Task:
    """One task. A program may encode its text; the token is found inside whatever body arrives."""

    text: str
    token: str
    dots: int
    failing: bool = False
    """Whether it is made to fail."""

    @property
    def body(self) -> bytes:
        """The message body that carries the task as plain text."""
        return self.text.encode()

    @property
    def mark(self) -> bytes:
        """The bytes by which the task is known on the wire."""
        return self.token.encode()

    def __str__(self) -> str:
        return self.text if len(self.text) <= 60 else f"{self.text[:57]}..."


def may_hold(word: str) -> bool:
    """Whether an ordinary task may hold the word by chance."""
    return (
        any(word.lower() in each for each in _WORDS) or re.fullmatch("[k0-9a-f .]*", word.lower()) is not None
    )


def any_words(random: random.Random, most: int) -> list[str]:
    """Words of any characters that are possible on a command line, `most` characters in all at most.

    NUL is not possible there, nor are surrogates, which UTF-8 does not have. No word begins with a dash, since a
    program may take it for an option. No word is longer than the 128 KiB that Linux allows for an argument.
    """
    kinds = [range(1, 0x80), range(0x80, 0x800), range(0x800, 0xD800), range(0x10000, 0x110000)]
    words, left = [], random.randint(most // 2, most)
    while left > 0:
        length = random.randint(1, min(left, 30_000))
        word = "".join(chr(random.choice(random.choice(kinds))) for _ in range(length))
        words.append(f"_{word[1:]}" if word.startswith("-") else word)
        left -= length + 1
    return words


def new_task(
    dots: int = 0,
    *,
    random: random.Random,
    words: int | None = None,
    also: str = "",
    failing: bool = False,
) -> Task:
    """A task of random words that ends with `dots` dots.

    `also` is a word that the text must hold. If that word has dots, they count as work as well.
    """
    token = f"k{secrets.token_hex(4)}"
    chosen = random.choices(_WORDS, k=random.randint(0, 4) if words is None else words)
    text = " ".join([token, *chosen, *([also] if also else [])]) + ("." * dots)
    return Task(text, token, text.count("."), failing)
