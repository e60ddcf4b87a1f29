"""A worker whose tasks are JSON, and that works for half of the seconds that a task asks for.

Runs with the profile json.

Breaks W03, W06, W16, W19, W21, W31, S02.
"""

import json
import sys

from mutants import _json_tasks
from reference import worker


def work(body):
    task = json.loads(body)
    task["args"]["seconds"] /= 2
    _json_tasks.work(json.dumps(task))


worker.work = work

sys.exit(worker.main())
