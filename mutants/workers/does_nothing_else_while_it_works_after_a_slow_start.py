"""A worker that takes four seconds to start, and later sends no heartbeats during a long task.

Breaks W12.
"""

from ._slow_start import run_with_a_slow_start

run_with_a_slow_start("does_nothing_else_while_it_works")
