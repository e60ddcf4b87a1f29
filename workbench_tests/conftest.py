"""The settings of Hypothesis for the workbench's tests: no deadline for examples, since the machine may be busy."""

from hypothesis import HealthCheck, settings

settings.register_profile("workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")
