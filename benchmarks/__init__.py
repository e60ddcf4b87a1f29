"""Benchmarks: what the suite and the reference cost, as ratios that are measured in one run."""
