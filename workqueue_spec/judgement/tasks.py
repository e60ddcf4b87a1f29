"""Tasks as the suite writes them: a text with a token of its own, and a dot for each unit of work."""

import random
import re
import secrets
from dataclasses import dataclass

_WORDS = ["resize", "fetch", "index", "mail", "render", "sort", "count", "merge"]


@dataclass(frozen=True)
class Task:
    """One task. A program may wrap its text; the token is found inside whatever arrives."""

    text: str
    token: str
    dots: int

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
    """Words of any characters that a command line can bear, and so many characters in all, at most.

    It can't bear NUL, nor surrogates, which UTF-8 has not. No word begins with a dash, since a program may take
    that for an option, and none is longer than the 128 KiB that Linux allows for one.
    """
    kinds = [range(1, 0x80), range(0x80, 0x800), range(0x800, 0xD800), range(0x10000, 0x110000)]
    words, left = [], random.randint(most // 2, most)
    while left > 0:
        length = random.randint(1, min(left, 30_000))
        word = "".join(chr(random.choice(random.choice(kinds))) for _ in range(length))
        words.append(f"_{word[1:]}" if word.startswith("-") else word)
        left -= length + 1
    return words


def new_task(dots: int = 0, *, random: random.Random, words: int | None = None, also: str = "") -> Task:
    """A task of random words that ends with so many dots.

    `also` is a word that the text must hold; it may have more dots.
    """
    token = f"k{secrets.token_hex(4)}"
    chosen = random.choices(_WORDS, k=random.randint(0, 4) if words is None else words)
    text = " ".join([token, *chosen, *([also] if also else [])]) + ("." * dots)
    return Task(text, token, text.count("."))
