"""What a run asks for: the clauses of a class, as the edition that is asked for has them."""

import pytest

from ..specification import edition
from ..specification.chapters import all_clauses
from ..specification.clauses import Class, Clause, Level
from ..specification.edition import Change, Edition
from .options import on_cluster
from .stash import BROKER, SUBJECT


def description(config: pytest.Config) -> str:
    """What is judged, on which broker and how."""
    subject, broker, given = config.stash[SUBJECT], config.stash[BROKER], config.option
    edition = edition_of(config)
    by = "" if edition is None else f", edition {edition.title}"
    several = subject.prefetch > 1
    limits = f", prefetch {subject.prefetch}, concurrency {subject.concurrency}" if several else ""
    return f"{subject.name} on {broker.describe()}, {given.queue_type} queues{limits}, seed {given.seed}{by}"


def edition_of(config: pytest.Config) -> Edition | None:
    """The edition that --spec names, or None for the clauses of today. Raises SetupError if there is none."""
    name: str | None = config.option.edition
    return None if name is None else edition.read(name)


def change_of(clause: Clause, config: pytest.Config) -> Change | None:
    """Why the edition does not judge by the clause. None if the clause counts. A team's own clauses belong to no
    edition, so they always count.
    """
    asked = edition_of(config)
    return None if asked is None or clause.own else asked.change(clause)


def as_asked(clause: Clause, config: pytest.Config) -> Clause:
    """The clause with the class and the level that the edition gives it."""
    asked = edition_of(config)
    return clause if asked is None or clause.own else asked.as_it_was(clause)


def is_asked_for(clause: Clause, config: pytest.Config) -> bool:
    """Whether the clause is of the class that is asked for, and about a program that is here. Outside the edition,
    it is only shown.
    """
    of_class = config.option.clause_class != Class.CORE or as_asked(clause, config).class_ is Class.CORE
    return bool(of_class) and (clause.own or is_about(clause, config))


def is_about(clause: Clause, config: pytest.Config) -> bool:
    """Whether the clause is about a program that is here and a broker like that of the run, and is not one that an
    option has to ask for.
    """
    asked = not clause.asked_by or getattr(config.option, clause.asked_by)
    return (
        bool(asked)
        and config.stash[SUBJECT].judges(clause)
        and (not clause.for_clusters or on_cluster(config))
    )


def whole(config: pytest.Config) -> list[str]:
    """The ids of all clauses that count, if the run judges all of them."""
    return [
        clause.id
        for clause in all_clauses()
        if is_asked_for(clause, config) and change_of(clause, config) is None
    ]


def lapsed(config: pytest.Config) -> list[str]:
    """The ids of the edition's MUSTs, of the class that is asked for, which were reworded or retired since."""
    asked = edition_of(config)
    if asked is None:
        return []
    core_only = config.option.clause_class == Class.CORE
    return [
        id_
        for id_ in asked.lapsed(all_clauses())
        if asked.clauses[id_].level is Level.MUST
        and config.stash[SUBJECT].is_asked(asked.clauses[id_].role)
        and (asked.clauses[id_].class_ is Class.CORE or not core_only)
    ]
