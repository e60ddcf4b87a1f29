"""The mutants in `mutants/`, and the clauses that each one says it breaks."""

import ast
import re
import shlex
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ... import ROOT
from ...specification.chapters import all_clauses
from ...specification.clauses import Clause, Role

HOME = ROOT / "mutants"

_FOLDERS = {
    "producers": Role.PRODUCER,
    "services": Role.PRODUCER,
    "workers": Role.WORKER,
    "brokers": Role.BROKER,
}
_EQUIVALENTS = "equivalents"
_EXAMPLES = 300
"""Examples of the model for a broker that breaks it."""
_SERVICE = "service"
_BY_CHANCE = re.compile(r"^May break (.+?), by chance\.$", re.MULTILINE | re.DOTALL)
_BREAKS = re.compile(r"^Breaks (.+?)\.$", re.MULTILINE | re.DOTALL)
_RUNS_WITH = re.compile(r"^Runs with prefetch (\d+), concurrency (\d+)\.$", re.MULTILINE)
BY_CHANCE = frozenset({"S02"})
"""The clauses that a mutant may break by chance: chaos makes faults at random."""
_WITH_PROFILE = re.compile(r"^Runs with the profile ([a-z_]+)\.$", re.MULTILINE)
_REFERENCE = {Role.PRODUCER: "reference.new_task", Role.WORKER: "reference.worker"}
_BROKEN = re.compile(r"([A-Z]\d\d)(?:\s+\((classic|quorum)\))?")


@dataclass(frozen=True)
class Mutant:
    """A broken program, or rules that make a broker look broken; and the clauses that it breaks."""

    name: str
    role: Role
    says: str
    """What it does wrong; for an equivalent, what it does differently."""
    expected: tuple[str, ...]
    """The clauses that it breaks with queues of the type that it is run with. The first one is the root: the clause
    that its docstring tells of. The others follow from it."""
    by_chance: tuple[str, ...]
    """Those of `BY_CHANCE` that it breaks only if a fault comes at the right moment."""
    file: Path
    equivalent: bool
    """Whether it keeps its promises in another way than the reference."""
    prefetch: int = 1
    """The most tasks that it should hold at once, if it is a worker."""
    concurrency: int = 1
    """The most tasks that it should work on at once, if it is a worker."""
    profile: Path | None = None
    """A profile in `mutants/profiles/`, whose program it replaces in its own role."""
    is_service: bool = False
    """Whether it is a producer that is a long-lived service. `mutants/_ask.py` asks it for a task."""
    only: frozenset[str] | None = None
    """The clauses that it is judged by; None for all that its role owes."""

    def judged_by(self, ids: Collection[str]) -> "Mutant":
        """The same mutant, judged by these clauses only."""
        return replace(self, only=frozenset(ids))

    def on_one_node(self) -> "Mutant":
        """The same mutant, without the clauses for clusters."""
        for_clusters = {clause.id for clause in all_clauses() if clause.for_clusters}
        return replace(self, expected=tuple(id_ for id_ in self.expected if id_ not in for_clusters))

    @property
    def root(self) -> str:
        """The clause that its docstring tells of; empty if it breaks none."""
        return self.expected[0] if self.expected else ""

    @property
    def folder(self) -> str:
        """The name of its folder in `mutants/`."""
        return self.file.parent.name

    @property
    def options(self) -> list[str]:
        """The options with which the suite judges it."""
        if self.role is Role.BROKER:
            examples = any(clause.asked_by for clause in all_clauses() if clause.id in self.expected)
            return ["--lie", str(self.file), *(["--model-examples", str(_EXAMPLES)] if examples else [])]
        module = ".".join(self.file.relative_to(ROOT).with_suffix("").parts)
        limits = ["--prefetch", f"{self.prefetch}", "--concurrency", f"{self.concurrency}"]
        command = shlex.join([sys.executable, "-m", module])
        if self.is_service:
            ask = shlex.join([sys.executable, "-I", "-S", str(HOME / "_ask.py")])
            port = "{service_port}"
            return ["--service", f"{command} {port}", "--producer", f"{ask} {port}", *self._beside()]
        return [
            *(f"--{self.role}", command),
            *self._beside(),
            *(limits if self.prefetch > 1 else []),
        ]

    def _beside(self) -> list[str]:
        """The options that name the program in the other role, and how both differ from the contract: a profile, or
        else the reference.
        """
        if self.profile is not None:
            return ["--implementation", str(self.profile)]
        other = Role.PRODUCER if self.role is Role.WORKER else Role.WORKER
        return [f"--{other}", shlex.join([sys.executable, "-m", _REFERENCE[other]])]

    def clauses(self) -> list[Clause]:
        """The clauses that it is judged by: those that its role owes, and for a program those of the whole system.

        If it is judged by some clauses only, the clauses that they presume are among them. A clause for clusters
        takes a minute, and one that an option asks for takes its time, too: they judge only the mutants that are
        said to break them.
        """
        owed_by = {self.role} | ({Role.SYSTEM} if self.role is not Role.BROKER else set())
        owed = {
            clause.id: clause
            for clause in all_clauses()
            if clause.role in owed_by
            and (self.is_service or not clause.for_services)
            and (clause.id in self.expected or not (clause.for_clusters or clause.asked_by))
        }
        asked = list(owed if self.only is None else owed.keys() & self.only)
        for id_ in asked:
            asked.extend((owed.keys() & owed[id_].presumes) - set(asked))
        return [clause for clause in owed.values() if clause.id in asked]


def mutants(queue_type: str, *, on_cluster: bool = False) -> Iterator[Mutant]:
    """All mutants, with the clauses that they break with queues of this type. Those for clusters are among them
    only `on_cluster`.

    Raises ValueError if a mutant's docstring does not name the clauses that it breaks.
    """
    for folder, role in _FOLDERS.items():
        for file in _programs(HOME / folder):
            made = _read(file, role, queue_type, equivalent=False)
            yield made if on_cluster else made.on_one_node()
    for file in _programs(HOME / _EQUIVALENTS):
        kind = file.stem.rpartition("_")[2].replace(_SERVICE, Role.PRODUCER)
        yield _read(file, Role(kind), queue_type, equivalent=True)


def _programs(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.py") if not file.name.startswith("_"))


def _read(file: Path, role: Role, queue_type: str, *, equivalent: bool) -> Mutant:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    breaks = _BREAKS.search(docstring)
    if breaks is None:
        raise ValueError(f"{file} does not say what it breaks: its docstring has no line 'Breaks W01, W02.'")
    by_chance = _BY_CHANCE.search(docstring)
    expected, possible = (
        tuple(id_ for id_, only in _BROKEN.findall(said[1] if said else "") if only in ("", queue_type))
        for said in (breaks, by_chance)
    )
    runs_with = _RUNS_WITH.search(docstring)
    prefetch, concurrency = map(int, runs_with.groups()) if runs_with else (1, 1)
    with_profile = _WITH_PROFILE.search(docstring)
    says = " ".join(docstring.partition("\n\n")[0].split())
    return Mutant(
        name=file.stem,
        role=role,
        says=says,
        expected=expected,
        by_chance=possible,
        file=file,
        equivalent=equivalent,
        prefetch=prefetch,
        concurrency=concurrency,
        is_service=file.parent.name == "services" or file.stem.endswith(f"_{_SERVICE}"),
        profile=HOME / "profiles" / f"{with_profile[1]}.toml" if with_profile else None,
    )
