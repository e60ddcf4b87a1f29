"""A worker that is the reference's, and kills the brokers of its run a moment after it was started.

Usage: killing_worker.py FOLDER. A broker is found by its process: its files lie in a folder of a run, below FOLDER.
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil

from reference import worker

HOMES = {"beam": "RABBITMQ_MNESIA_BASE", "garagemq": "WORKQUEUE_SPEC_GARAGEMQ"}
"""What a broker's program is called, and the variable that names a folder of its own."""


def brokers(folder: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            home = next((variable for name, variable in HOMES.items() if name in process.name()), None)
            if home is not None and process.environ().get(home, "").startswith(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def kill_the_brokers_later(folder: str) -> None:
    time.sleep(1.5)
    for broker in brokers(folder):
        broker.kill()


if __name__ == "__main__":
    folder, *when = sys.argv[1:]
    mark = Path(folder, "tried")
    if mark.exists():  # not at the suite's first try
        threading.Thread(target=kill_the_brokers_later, args=(folder,), daemon=True).start()
    mark.touch()
    sys.exit(worker.main())
