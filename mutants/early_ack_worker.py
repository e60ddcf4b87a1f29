"""A worker that acknowledges a task before the work: killed in the middle, it loses the task.

Breaks W03, W06, W21, W31, S01.
"""

import tutorial

tutorial.work(ack_first=True)
