"""Judgements over what was seen: pure functions from a ledger to a verdict.

They know work queues, and nothing of sockets, processes or pytest.
"""

from .verdict import Broken, NotJudged, Verdict, judge

__all__ = ["Broken", "NotJudged", "Verdict", "judge"]
