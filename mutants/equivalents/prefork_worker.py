"""A worker whose tasks are done by a child, and that rejects a task when its child was killed.

Breaks nothing.
"""

import sys

from mutants import prefork
from reference import worker

worker.work = prefork.work

sys.exit(worker.main())
