"""Who takes part in a test. Each stands behind a tap of its own, so what it did is known by its name."""

from .client import Client, wide
from .production import Production
from .worker import LONGEST_DELAY, SUPERVISORS_GRACE, Worker

__all__ = ["LONGEST_DELAY", "SUPERVISORS_GRACE", "Client", "Production", "Worker", "wide"]
