"""The HTML report: one file that needs no network and no script, as a pure function of the JSON report."""
