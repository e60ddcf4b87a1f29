"""A worker that keeps the last twenty tasks that it has done.

Breaks nothing.
"""

import collections
import sys

from reference import worker

kept, work = collections.deque(maxlen=20), worker.work


def keeping(text):
    work(text)
    kept.append(text)


worker.work = keeping

sys.exit(worker.main())
