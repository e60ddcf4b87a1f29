"""What a user may have meant by a word that nobody knows. This module uses the standard library only."""

import argparse
import difflib
import re
import sys
from collections.abc import Iterable
from typing import NoReturn

MISUSED = 4
"""The exit status for a usage error, as pytest has it."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that names the known word which is most alike, or nothing if none is alike."""
    alike = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {alike[0]}?" if alike else ""


class Parser(argparse.ArgumentParser):
    """A parser that says in one sentence what is wrong, and what may have been meant. Its exit status is 4."""

    def error(self, message: str) -> NoReturn:
        """Prints the sentence and exits."""
        if found := re.match(r"unrecognized arguments: (\S+)", message):
            word = found[1].partition("=")[0]
            said = f"there is no option {word}" if word.startswith("-") else f"{word!r} is one word too many"
            hint = did_you_mean(word, self._option_string_actions) if word.startswith("-") else ""
        elif found := re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message):
            names = [name.strip(" '") for name in found[2].split(",")]
            said = f"{message.partition(': ')[0].removeprefix('argument ')} cannot be {found[1]!r}"
            hint = did_you_mean(found[1], names) or f"; it can be {' or '.join(names)}"
        else:
            said, hint = message, ""
        end = "" if hint.endswith("?") else "."
        sys.stderr.write(f"spec: {said}{hint}{end} See {self.prog} --help.\n")
        sys.exit(MISUSED)
