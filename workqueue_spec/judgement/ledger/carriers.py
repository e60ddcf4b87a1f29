"""Which entries of a ledger carry a text, found without looking at all entries for each question."""

from typing import Generic, TypeVar

from ..tasks import is_token, tokens_in
from ..unread import Unread
from .entries import Delivery, Publication

Entry = TypeVar("Entry", Delivery, Publication)


class Carriers(Generic[Entry]):
    """Finds the entries of a growing list that carry a text.

    All tokens of tasks together take one look at each entry; any other text takes one look of its own.
    """

    def __init__(self, entries: list[Entry]) -> None:
        self._entries: list[Entry] = entries
        self._unread: Unread[Entry] = Unread(entries)
        self._by_token: dict[bytes, list[Entry]] = {}
        self._by_text: dict[bytes, tuple[Unread[Entry], list[Entry]]] = {}

    def of(self, text: bytes) -> list[Entry]:
        """The entries that carry the text, in their order."""
        if is_token(text):
            for entry in self._unread:
                for token in tokens_in(entry.body):
                    self._by_token.setdefault(token, []).append(entry)
            return list(self._by_token.get(text, ()))
        if text not in self._by_text:
            self._by_text[text] = Unread(self._entries), []
        unread, found = self._by_text[text]
        found += [entry for entry in unread if entry.carries(text)]
        return list(found)
