"""A worker that works for the dots at the end of a task, and overlooks those before.

Breaks W03, W31.
"""

import sys

from reference import worker

work = worker.work


def mutant(text):
    at_the_end = text[len(text.rstrip(".")) :]
    work(text.replace(".", "") + at_the_end)


worker.work = mutant

sys.exit(worker.main())
