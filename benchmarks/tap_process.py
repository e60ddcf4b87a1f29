"""The process of a wire tap: `python benchmarks/tap_process.py HOST PORT` prints the tap's port, and serves.

It serves until its standard input ends. It is run as a file, so that the tap of another working tree can be
measured: it imports the workbench from PYTHONPATH.
"""

import sys

from workqueue_spec.wiretap import LoopThread, Upstream, WireEvent, into_virtual_host


def serve(host: str, port: int) -> None:
    """Decodes every event, as the suite does."""

    def decode(event: WireEvent) -> None:
        assert event.frame is None or event.method is not None or not event.frame.is_method

    with LoopThread() as loop_thread:
        tap = loop_thread.tap(Upstream(host, port), decode)
        tap.rewrite(into_virtual_host("/"))
        print(tap.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
