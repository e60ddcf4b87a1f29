"""The history of a test, the ledger that is read from it, and the verdicts on the ledger."""
