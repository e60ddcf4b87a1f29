"""Runs another mutant that computes for four seconds before it subscribes. Meanwhile it sends no heartbeats.

It does so only with a heartbeat of less than ten seconds: with a longer one, the tests would just take longer.
"""

import functools
import importlib
import time

from reference import worker


def run_with_a_slow_start(mutant):
    subscribe = worker.Worker.subscribe

    @functools.wraps(subscribe)
    def subscribe_late(self, channel):
        if channel.connection._impl.params.heartbeat < 10:
            time.sleep(4)
        return subscribe(self, channel)

    worker.Worker.subscribe = subscribe_late
    importlib.import_module(f"{__package__}.{mutant}")
