"""The register of clauses: what a work queue promises, who owes it, and what a run found out about it."""
