"""A worker that gives up a task that has died five times, whichever queue it died on.

Breaks W44.
"""

import sys

from reference import worker


class Mutant(worker.Worker):
    def handle(self, channel, delivery, properties, body):
        deaths = (properties.headers or {}).get("x-death", [])
        if sum(death["count"] for death in deaths) >= 5:
            worker.log.error("task %r was tried too often and is given up", body)
            channel.basic_reject(delivery.delivery_tag, requeue=False)
        else:
            super().handle(channel, delivery, properties, body)


worker.Worker = Mutant

sys.exit(worker.main())
