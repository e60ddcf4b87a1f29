"""A worker with the defect that its argument names. Otherwise it is the reference worker."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reference import worker
from reference.task_queue import connect, parameters

GARBAGE = b"\x1b]0;owned\x07\x1b[2J\xff\xfe\x00 <script>\r\n"


def flood(piece: bytes) -> None:
    while True:
        os.write(1, piece)


def detach() -> None:
    """Detaches as a daemon does: forks, starts a new session, forks again."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)


def main(defect: str) -> int:
    match defect:
        case "exits at once":
            return 0
        case "says garbage":
            os.write(1, GARBAGE * 3)
            return 1
        case "never consumes":
            time.sleep(1e6)
        case "floods":
            threading.Thread(target=flood, args=(b"word\n" * 4096,), daemon=True).start()
        case "floods without a line's end":
            threading.Thread(target=flood, args=(b"\x00" * 65536,), daemon=True).start()
        case "forks and leaves":
            detach()
        case "ignores signals":
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            return worker.Worker().run()
        case "lives on without a connection":
            lives_on = worker.Worker()
            with contextlib.suppress(Exception):
                lives_on.serve()
            time.sleep(1e6)
        case "opens 100 connections":
            connections = [connect(parameters()) for _ in range(100)]
            assert connections
        case "works in a session of its own":  # as under a supervisor such as honcho
            command = [sys.executable, "-m", "reference.worker"]
            return subprocess.run(command, start_new_session=True, check=False).returncode
        case "leaves files behind":
            tempfile.mkdtemp()
        case "closes its output":
            sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - open until the process ends
            os.close(1)
            os.close(2)
    return worker.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
