"""A worker that is the reference's, and kills the RabbitMQ node of its run when it gets its second task.

Usage: killing_worker.py FOLDER. The node is found by its process: it lies in a folder of the run, below FOLDER.
"""

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil

from reference import worker


def nodes(folder: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            home = process.environ().get("RABBITMQ_MNESIA_BASE", "")
            if home.startswith(folder) and "beam" in process.name():
                found.append(process)
        except psutil.Error:
            continue
    return found


def kill_the_nodes_later(folder: str) -> None:
    time.sleep(1.5)
    for node in nodes(folder):
        node.kill()


if __name__ == "__main__":
    folder, *when = sys.argv[1:]
    mark = Path(folder, "tried")
    if mark.exists():  # not at the suite's first try
        threading.Thread(target=kill_the_nodes_later, args=(folder,), daemon=True).start()
    mark.touch()
    sys.exit(worker.main())
