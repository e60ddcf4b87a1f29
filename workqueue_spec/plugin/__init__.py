"""The pytest side: options, fixtures, and the outcomes of the clauses.

`conftest.py` loads it by its name, `workqueue_spec.plugin`.
"""

pytest_plugins = ["workqueue_spec.plugin.hooks", "workqueue_spec.plugin.fixtures"]
