"""The workbench of the executable specification of a work queue: nine rooms, told of in ARCHITECTURE.md."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The checkout, where `reference/` and `spec_tests/` lie."""
