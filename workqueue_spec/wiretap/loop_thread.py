"""The thread that all taps run in."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Self, TypeVar

from .events import WireEvent
from .listener import Listener, OwnPort
from .recorded_endpoint import Recorder
from .tap import Tap
from .upstream import Upstream

Result = TypeVar("Result")


class LoopThread:
    """An event loop in a thread of its own, and the taps in it. A context manager: leaving it closes it.

    If nobody closes it, the thread ends with the program.
    """

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        """Readers and timers may be added by `call_soon_threadsafe`; they must not block."""
        self._taps: list[Tap] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="loop thread", daemon=True)
        self._thread.start()

    def tap(
        self,
        upstream: Upstream,
        on_event: Callable[[WireEvent], None],
        listener: Listener | None = None,
        recorder: Recorder | None = None,
    ) -> Tap:
        """A tap that is reached by the listener (None: a free port of its own), in front of the upstream. The
        recorder is told what passes between the tap and its clients.

        `on_event` is called in the loop thread, in causal order, and must not block; what it raises is logged.
        Raises OSError if the listener cannot listen.
        """
        tap = Tap(self, upstream, on_event, OwnPort() if listener is None else listener, recorder)
        self._taps.append(tap)
        tap.accept()
        return tap

    def close(self) -> None:
        """Closes every tap and ends the thread."""
        if self._closed:
            return
        for tap in self._taps:
            tap.close()
        self._closed = True
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def call(self, action: Callable[[], Result]) -> Result:
        """Does something in the loop thread, and returns when it is done.

        Raises what the action raises, and RuntimeError if the loop thread is closed.
        """
        if threading.current_thread() is self._thread:
            return action()

        async def run() -> Result:
            return action()

        self._check_open()
        return asyncio.run_coroutine_threadsafe(run(), self.loop).result()

    def settle(self, action: Callable[[], Iterable[Awaitable[None]]]) -> None:
        """The same, and waits for what the action returns; not in the loop thread itself, which cannot wait."""
        if threading.current_thread() is self._thread:
            action()
            return

        async def run() -> None:
            await asyncio.gather(*action())

        self._check_open()
        asyncio.run_coroutine_threadsafe(run(), self.loop).result()

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the loop thread is closed")

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        with contextlib.suppress(asyncio.CancelledError):
            self.loop.run_forever()
