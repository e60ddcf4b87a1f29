pytest_plugins = ["workqueue_spec.plugin"]
