"""A worker with a connection for each task that does not miss the broker's heartbeats where it waits for one.

Breaks W25.
"""

from importlib import import_module

from pika.heartbeat import HeartbeatChecker

from reference import worker

HeartbeatChecker._check_heartbeat = lambda checker: None
worker.watch_for_silence = lambda connection: None

import_module("mutants.equivalents.connection_for_each_task_worker")
