"""A worker that computes for four seconds between its login and its subscription. Meanwhile it sends no heartbeats,
which is no loss with the usual heartbeat of a minute.

It does so only with a heartbeat of less than ten seconds: with a longer one, the tests would just take longer.

Breaks nothing.
"""

import sys
import time

from reference import worker


class Slow(worker.Worker):
    def subscribe(self, channel):
        if channel.connection._impl.params.heartbeat < 10:
            time.sleep(4)
        return super().subscribe(channel)


worker.Worker = Slow

sys.exit(worker.main())
