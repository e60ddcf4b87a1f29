"""Pairs: each producer with each worker, and whether they understand each other.

Programs that each keep every promise may still not work together: one declares the queue with another type and is
refused, or wraps its tasks in an envelope that the other cannot read.
"""
