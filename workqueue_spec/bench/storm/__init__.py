"""The storm: producers, workers and a broker under a schedule of faults, then the drain."""

from .schedule import Fault, FaultKind, schedule
from .storm import Storm

__all__ = ["Fault", "FaultKind", "Storm", "schedule"]
