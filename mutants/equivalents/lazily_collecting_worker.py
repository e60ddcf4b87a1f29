"""A worker that frees the tasks that it has done only when they come to 64 MB, as a lazy garbage collector does.

Breaks nothing.
"""

import sys

from reference import worker

garbage, work = [], worker.work


def collecting(text):
    work(text)
    garbage.append(text)
    if sum(map(len, garbage)) > 64_000_000:
        garbage.clear()


worker.work = collecting

sys.exit(worker.main())
