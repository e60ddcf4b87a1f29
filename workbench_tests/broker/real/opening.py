"""Opens real brokers, if this machine has their images, and finds the processes that a run has started."""

import psutil
import pytest

from workqueue_spec.broker import Broker, engine, open_broker
from workqueue_spec.broker.run import MARK, Run
from workqueue_spec.errors import SetupError


def open_real(where: str, run: Run) -> Broker:
    """The local broker, or that in a container of an image. Skips the test if this machine has no such image."""
    if where == "local":
        return open_broker("local", run)
    try:
        with engine.connected() as client:
            present = where in {tag for image in client.client.images.list() for tag in image.tags}
    except SetupError as error:
        pytest.skip(str(error))
    if not present:
        pytest.skip(f"no image {where} here")
    return open_broker(f"docker:{where}", run)


def started_for(run: Run) -> list[psutil.Process]:
    """The processes of the run that have not ended."""
    return [
        process
        for process in psutil.process_iter(["environ", "status"])
        if (process.info["environ"] or {}).get(MARK, "").startswith(run.name)
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
