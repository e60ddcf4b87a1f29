"""A worker that acknowledges a task before the work: killed in the middle, it loses the task."""

import tutorial

tutorial.work(ack_first=True)
