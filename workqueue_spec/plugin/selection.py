"""Whether the user's selection of clauses can be read, and selects something: told before a broker is started."""

import re
from collections.abc import Iterator

import pytest
from _pytest.mark.expression import Expression

from .. import importable
from ..errors import SetupError
from ..programs.subject import Subject
from ..specification import remedies
from ..specification.chapters import all_clauses, clauses_by_test
from ..specification.clauses import Clause
from .arguments import SPEC_TESTS, name_own_tests, path_of
from .options import on_cluster

_CLAUSE = re.compile(r"[BPWSbpws]\d{1,3}")
_WORD = re.compile(r"[^\s()\[\]|&!]+")


def check_named(config: pytest.Config) -> None:
    """Raises SetupError if an argument names no file or test, or if the remedies beside a team's own tests have a
    mistake.
    """
    for argument in config.args:
        _check_named(argument, config)


def check_keyword(config: pytest.Config, subject: Subject) -> None:
    """Raises SetupError if -k cannot be read, or selects nothing of what is judged of the subject."""
    if config.option.keyword and not name_own_tests(config.args, config):
        _check_expression(config.option.keyword, subject, config)


def _check_named(argument: str, config: pytest.Config) -> None:
    path, _, name = argument.partition("::")
    file = path_of(argument, config)
    if not file.exists():
        if _CLAUSE.fullmatch(argument):
            raise SetupError(f"{argument} is no file; to select a clause: -k {argument.upper()}.")
        raise SetupError(f"There is no file {path!r}; to select clauses, give their ids, such as -k W06.")
    if file.is_file():
        remedies.read(file)
    test = name.partition("[")[0]
    ours = file.resolve().is_relative_to(SPEC_TESTS)
    if test and ours and f"{importable(f'spec_tests.{file.stem}')}::{test}" not in clauses_by_test():
        raise SetupError(f"There is no test {test!r} in {path}; SPEC.md names the test of each clause.")


def _check_expression(text: str, subject: Subject, config: pytest.Config) -> None:
    try:
        expression = Expression.compile(text)
    except Exception as error:  # pytest 9 raises SyntaxError, and pytest 8 an exception of its own
        raise SetupError(
            f"-k {text!r} cannot be read ({getattr(error, 'msg', error)}); write it like -k 'W03 or B07'."
        ) from error
    names = {clause: set(_names(clause)) for clause in all_clauses()}

    def selects(known: set[str]) -> bool:
        return expression.evaluate(lambda word, /, **_: any(word.lower() in name for name in known))

    selected = [clause for clause, known in names.items() if selects(known)]
    judged = [clause for clause in selected if subject.judges(clause)]
    asked = [clause for clause in judged if not clause.asked_by or getattr(config.option, clause.asked_by)]
    if any(on_cluster(config) or not clause.for_clusters for clause in asked):
        return
    if judged and not asked:
        option = f"--{judged[0].asked_by.replace('_', '-')}"
        raise SetupError(f"-k {text!r} selects only clauses that {option} asks for; give that option, too.")
    if judged:
        raise SetupError(f"-k {text!r} selects only clauses of a cluster; give --broker cluster.")
    if any(subject.is_asked(clause.role, for_both=clause.for_both) for clause in selected):
        raise SetupError(
            f"-k {text!r} selects only clauses of a producer that is a service; give its command by --service."
        )
    if selected:
        raise SetupError(
            f"-k {text!r} selects no clause that can be judged without a {subject.absent}; give its command, too."
        )
    if _may_name_an_example(text, set().union(*names.values())):
        return
    raise SetupError(f"-k {text!r} selects no clause; SPEC.md has the ids and names of all clauses.")


def _may_name_an_example(text: str, names: set[str]) -> bool:
    """Whether a word that is in no name stands in a chapter: it may be a part of a parametrized test's id."""
    words = {word.lower() for word in _WORD.findall(text)} - {"and", "or", "not", "true", "false"}
    unknown = {word for word in words if not any(word in name for name in names)}
    sources = [file.read_text(encoding="utf-8").lower() for file in SPEC_TESTS.glob("test_*.py")]
    return any(word in source for word in unknown for source in sources)


def _names(clause: Clause) -> Iterator[str]:
    """The names by which pytest's -k finds the clause's test, in lower case."""
    module, _, test = clause.test.partition("::")
    file = f"{module.rpartition('.')[2]}.py"
    yield from (each.lower() for each in (clause.id, clause.slug, file, test, "spec_tests", "clause"))
    source = (SPEC_TESTS / file).read_text(encoding="utf-8")
    yield from ("parametrize", "own_broker") if "mark.own_broker" in source else ("parametrize",)
