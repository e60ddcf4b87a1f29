"""A worker that takes four seconds to start, and later sends a heartbeat in the middle of every hundredth frame.

Breaks W26.
"""

from ._slow_start import run_with_a_slow_start

run_with_a_slow_start("interleaves_its_frames")
