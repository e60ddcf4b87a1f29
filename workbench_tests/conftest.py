"""Hypothesis as the tests of the workbench have it: on a busy machine an example takes as long as it takes."""

from hypothesis import HealthCheck, settings

settings.register_profile("workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")
