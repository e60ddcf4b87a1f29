"""Steps as data, and as the text of a test that can be pasted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Step:
    """A method of `ModelRun` with its arguments."""

    name: str
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]

    def __str__(self) -> str:
        given = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.keywords.items())]
        return f"{self.name}({', '.join(given)})"


def as_test(steps: Sequence[Step]) -> str:
    """A module with one test that takes the steps again. It needs the suite's fixture `bench` and nothing else."""
    return "\n".join(
        [
            "from workqueue_spec.bench.bench import Bench",
            "from workqueue_spec.bench.model.run import ModelRun",
            "",
            "",
            "def test_steps_that_the_model_found(bench: Bench) -> None:",
            "    run = ModelRun.on(bench)",
            *(f"    run.{step}" for step in steps),
            "",
        ]
    )
