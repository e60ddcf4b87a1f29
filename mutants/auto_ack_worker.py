"""A worker that consumes in no-ack mode: a task counts as done as soon as it is sent."""

import tutorial

tutorial.work(auto_ack=True)
