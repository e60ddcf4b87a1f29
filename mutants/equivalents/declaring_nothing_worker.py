"""A worker that declares nothing. A policy dead-letters what it rejects to a retry queue, which gives it back.

Runs with the profile definitions.

Breaks nothing.
"""

import sys

from mutants import _declaring_nothing

sys.exit(_declaring_nothing.as_worker()())
