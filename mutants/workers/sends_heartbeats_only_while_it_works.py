"""A worker that sends heartbeats while it works, and none while it waits for a task.

Breaks W39.
"""

import sys

from pika.heartbeat import HeartbeatChecker

from reference import worker


class Mutant(worker.Worker):
    works = False

    def handle(self, *delivery):
        Mutant.works = True
        try:
            super().handle(*delivery)
        finally:
            Mutant.works = False


def send_heartbeat(checker):
    if Mutant.works:
        send(checker)
    else:
        checker._start_send_timer()


send, HeartbeatChecker._send_heartbeat = HeartbeatChecker._send_heartbeat, send_heartbeat
worker.Worker = Mutant

sys.exit(worker.main())
