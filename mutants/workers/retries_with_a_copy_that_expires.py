"""A worker that publishes a failed task again, up to three times, with an expiration of one hour.

Breaks W36, W11.
"""

import sys

from reference import worker
from reference.task_queue import connect, parameters

from ._retrying_with_a_copy import Retrying


class Mutant(Retrying):
    expiration = "3600000"

    def send_anew(self, channel, text):
        with connect(parameters()) as connection:
            own = connection.channel()
            own.confirm_delivery()
            super().send_anew(own, text)


worker.Worker = Mutant

sys.exit(worker.main())
