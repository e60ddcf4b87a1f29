"""The verdicts: pure functions that judge a ledger.

They know work queues. They know nothing of sockets, processes or pytest.
"""

from .verdict import Broken, Kind, Moment, NoAnswer, NotJudged, Verdict, judge

__all__ = ["Broken", "Kind", "Moment", "NoAnswer", "NotJudged", "Verdict", "judge"]
