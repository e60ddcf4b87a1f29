"""A worker whose tasks are JSON: it knows no dots and no word that makes a task fail.

Runs with the profile json.

Breaks nothing.
"""

import sys

from mutants import _json_tasks
from reference import worker

worker.work = _json_tasks.work

sys.exit(worker.main())
