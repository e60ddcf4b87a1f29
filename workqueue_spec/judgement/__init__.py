"""The history of a test, the ledger that is read from it, and the verdicts on the ledger."""

from .history import History
from .ledger import Delivery, Ledger, Publication
from .tasks import Task
from .verdicts import Broken, NotJudged, Verdict, judge
from .verdicts.dispatch import holds_at_most
from .verdicts.publishing import persistent
from .verdicts.settlement import acknowledged_after, all_settled, each_settled_once, never_acknowledged
from .verdicts.timing import one_after_another

__all__ = [
    "Broken",
    "Delivery",
    "History",
    "Ledger",
    "NotJudged",
    "Publication",
    "Task",
    "Verdict",
    "acknowledged_after",
    "all_settled",
    "each_settled_once",
    "holds_at_most",
    "judge",
    "never_acknowledged",
    "one_after_another",
    "persistent",
]
