"""The verdicts: pure functions that judge a ledger.

They know work queues. They know nothing of sockets, processes or pytest.
"""

from .verdict import Broken, NotJudged, Verdict, judge

__all__ = ["Broken", "NotJudged", "Verdict", "judge"]
