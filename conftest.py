"""The options and fixtures of the suite come from its plugin."""

pytest_plugins = ["workqueue_spec.plugin"]
