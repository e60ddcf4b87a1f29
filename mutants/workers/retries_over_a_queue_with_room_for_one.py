"""A worker on two queues, whose retry queues have room for one task: another one pushes it out.

Runs with the profile two_queues.

Breaks W41.
"""

import sys

from mutants import _two_queues


class Worker(_two_queues.Worker):
    def back(self):
        return {**super().back(), "x-message-ttl": 2000, "x-max-length": 1, "x-overflow": "reject-publish"}


sys.exit(_two_queues.run(Worker))
