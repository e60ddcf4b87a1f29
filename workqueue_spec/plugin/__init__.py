"""The pytest side: options, fixtures, and the outcomes of the clauses.

`conftest.py` of a checkout loads it by its name. For an installed suite the user does:
`pytest --pyargs workqueue_spec.spec_tests -p workqueue_spec.plugin`.
"""

pytest_plugins = [
    "workqueue_spec.plugin.arguments",
    "workqueue_spec.plugin.hooks",
    "workqueue_spec.plugin.fixtures",
    "workqueue_spec.plugin.storms",
]
