"""A worker that works only for the dots at the end of a task, and ignores the dots before.

Breaks W31, W03.
"""

import sys

from reference import worker

work = worker.work


def work_for_the_last_dots(text):
    last_dots = text[len(text.rstrip(".")) :]
    work(text.replace(".", "") + last_dots)


worker.work = work_for_the_last_dots

sys.exit(worker.main())
