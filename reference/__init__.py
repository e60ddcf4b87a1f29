"""The reference: a producer and a worker, as small as the promises of a work queue allow.

`python -m reference.new_task First task.` sends a task, `python -m reference.worker` works on tasks.
"""
