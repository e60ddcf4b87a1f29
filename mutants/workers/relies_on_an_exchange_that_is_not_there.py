"""A worker that declares nothing. A policy dead-letters what it rejects to an exchange that is not there.

Runs with the profile no_exchange.

Breaks W41.
"""

import sys

from mutants import _declaring_nothing

sys.exit(_declaring_nothing.as_worker()())
