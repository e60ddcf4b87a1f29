"""A worker with a new connection for each task that does not check for the broker's heartbeats while it waits for a
task.

Breaks W25.
"""

from importlib import import_module

from pika.heartbeat import HeartbeatChecker

from reference import worker

HeartbeatChecker._check_heartbeat = lambda checker: None
worker.watch_for_silence = lambda connection: None

import_module("mutants.equivalents.connection_for_each_task_worker")
