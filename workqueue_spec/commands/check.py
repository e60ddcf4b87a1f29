"""`./spec check` in its environment: pytest on the specification.

The signals are handled before pytest is imported, which takes the first second of a run.
"""

import sys
from collections.abc import Sequence
from typing import Any

from .. import COMMAND
from ..programs import signals

INTERRUPTED = 2
"""pytest's exit status for a run that was interrupted."""


class _Plugin:
    """What pytest would not say: which option may have been meant, and that an early signal ended the run."""

    def __init__(self) -> None:
        self._config: Any = None

    def pytest_load_initial_conftests(self, early_config: Any, parser: Any, args: list[str]) -> None:
        """Raises UsageError for an option that neither pytest nor the suite has."""
        import pytest  # noqa: PLC0415 - only after the signals are handled

        self._config = early_config

        from ..programs.run_options import OF_PYTEST, OPTIONS  # noqa: PLC0415
        from .spelling import did_you_mean  # noqa: PLC0415

        ours = {each.name for each in OPTIONS} | {"--lie", "--part-of"}
        _, unknown = parser.parse_known_and_unknown_args(args)
        for argument in unknown:
            name = argument.partition("=")[0]
            if name.startswith("--") and name not in ours:
                usual = [words.split()[0] for words, _ in OF_PYTEST]
                hint = did_you_mean(name, [*(each.name for each in OPTIONS), *usual])
                raise pytest.UsageError(
                    f"There is no option {name}{hint or '.'} {COMMAND} check --help lists all options."
                )

    def pytest_keyboard_interrupt(self) -> None:
        """Hands the interrupt on if it came before pytest had its reporter: pytest would end without a word."""
        if not self._config.pluginmanager.has_plugin("terminalreporter"):
            raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Runs pytest in this process, and returns its exit status. The plugin handles the signals when it is ready."""
    signals.leave_at_once(INTERRUPTED)
    import pytest  # noqa: PLC0415 - only after the signals are handled

    return int(pytest.main(list(arguments), plugins=[_Plugin()]))


if __name__ == "__main__":
    sys.argv[0] = "pytest"
    signals.run(main, INTERRUPTED)
