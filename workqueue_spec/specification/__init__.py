"""The register of clauses: what a work queue promises, by whom, and what became of each promise."""
