"""A worker that takes four seconds to start, and later sends heartbeats only while it works.

Breaks W39.
"""

from ._slow_start import run_with_a_slow_start

run_with_a_slow_start("sends_heartbeats_only_while_it_works")
