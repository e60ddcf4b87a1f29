"""Pairs: each producer with each worker, and whether they understand one another.

Programs that keep every promise by themselves may still not work together: one declares the queue with another
type and is refused, or wraps its tasks in what the other cannot read.
"""
