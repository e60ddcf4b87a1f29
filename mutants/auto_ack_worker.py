"""A worker that consumes in no-ack mode: a task counts as done as soon as it is sent.

Breaks W01, W03, W04, W05, W06, W18, W21, W31, W32, S01.
"""

import tutorial

tutorial.work(auto_ack=True)
