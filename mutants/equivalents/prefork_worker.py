"""A worker that has each task done by a child process, and rejects the task if the child was killed.

Breaks nothing.
"""

import sys

from mutants import _prefork as prefork
from reference import worker

worker.work = prefork.work

sys.exit(worker.main())
