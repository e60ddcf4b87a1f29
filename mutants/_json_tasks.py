"""The base of workers whose tasks are JSON, which says how long the work takes and whether it fails."""

import json
import time


def work(body):
    """Does what the task says. A body that is no such JSON fails."""
    args = json.loads(body)["args"]
    time.sleep(args["seconds"])
    if args["fail"]:
        raise RuntimeError("the task says that it fails")
