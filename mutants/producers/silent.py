"""A producer that prints nothing when it fails.

Breaks P08, P11, P12, P15.
"""

import logging
import sys

from reference import new_task

logging.disable()

sys.exit(new_task.main(sys.argv[1:]))
