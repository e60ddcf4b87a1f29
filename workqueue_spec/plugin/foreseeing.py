"""Collects, from all tests of a run, what of the programs breaks or changes on a later RabbitMQ."""

import json
from collections.abc import Generator
from typing import Any

import pytest

from ..bench.bench import PROGRAMS
from ..judgement.forecast import Foreseen
from ..report.secrets import hide
from ..report.transcript import safe
from .stash import BENCHES, FORESEEN

_PROPERTY = "foreseen"
"""The name of what was foreseen among a test report's user properties, which pytest-xdist's workers send too."""
_LONGEST = 300
"""Characters of what was seen: the name of a queue is a stranger's."""


class Foreseeing:
    """The plugin that does so. It is registered only in a run that judges clauses."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._told: dict[str, set[str]] = {role: set() for role in PROGRAMS}
        """The ids of the changes that this process has told of each role."""
        config.stash[FORESEEN] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Adds to the test's report what this process has not told yet."""
        report = yield
        if call.when == "call":
            for bench in self._config.stash[BENCHES]:
                for role, told in self._told.items():
                    for each in bench.foreseen(role, but=told):
                        told.add(each.change)
                        report.user_properties.append((_PROPERTY, json.dumps(_as_data(each, item.name))))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the first sight of each change in each role; from pytest-xdist's workers too."""
        for name, value in report.user_properties:
            if name == _PROPERTY:
                found = json.loads(str(value))
                self._config.stash[FORESEEN].setdefault((found["change"], _role(found["party"])), found)


def _role(party: str) -> str:
    """`worker` of `worker 2`."""
    return party.rpartition(" ")[0]


def _as_data(foreseen: Foreseen, test: str) -> dict[str, Any]:
    seen = safe(hide(foreseen.seen), _LONGEST)
    return {"change": foreseen.change, "party": foreseen.who, "seen": seen, "test": test}
