"""Tasks as the suite writes them: a text with a token of its own, and a dot for each unit of work."""

import random
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


def new_task(dots: int = 0, *, random: random.Random, words: int | None = None, also: str = "") -> Task:
    """A task with so many dots, and otherwise of random words.

    `also` is a word that the text must hold.
    """
    token = f"k{secrets.token_hex(4)}"
    chosen = random.choices(_WORDS, k=random.randint(0, 4) if words is None else words)
    text = " ".join([token, *chosen, *([also] if also else [])]) + ("." * dots)
    return Task(text, token, dots)
