"""A worker that sends heartbeats but does not check that the broker sends any, so that it waits for ever on a dead
connection.

Breaks W25.
"""

import sys

from pika.heartbeat import HeartbeatChecker

from reference import worker

HeartbeatChecker._check_heartbeat = lambda checker: None
worker.watch_for_silence = lambda connection: None

sys.exit(worker.main())
