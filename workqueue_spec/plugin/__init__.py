"""The pytest side: the options of a run, its beginning and end, what a test is given, and the clauses' outcomes.

It is loaded by its name, `workqueue_spec.plugin`, as `conftest.py` does.
"""

pytest_plugins = ["workqueue_spec.plugin.hooks", "workqueue_spec.plugin.fixtures"]
