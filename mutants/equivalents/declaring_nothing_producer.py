"""A producer that declares nothing, and publishes to an exchange that definitions have made.

Runs with the profile definitions.

Breaks nothing.
"""

import sys

from mutants import _declaring_nothing

sys.exit(_declaring_nothing.as_producer()(sys.argv[1:]))
