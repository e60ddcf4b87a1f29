"""A worker that takes four seconds to start, and later does not check that the broker sends heartbeats.

Breaks W25.
"""

from ._slow_start import run_with_a_slow_start

run_with_a_slow_start("listens_for_no_heartbeats")
