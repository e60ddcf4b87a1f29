"""The register of clauses: what a work queue promises, who owes it, and what a run found out about it.

These are the words with which a clause is written, for a team's own clauses too.
"""

from .clauses import broker, clause, core, may, must, producer, production, should, system, worker

__all__ = [
    "broker",
    "clause",
    "core",
    "may",
    "must",
    "producer",
    "production",
    "should",
    "system",
    "worker",
]
