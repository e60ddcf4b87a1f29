"""A service under test, which publishes tasks when it is asked to, and the requests that ask it."""

import signal
from collections.abc import Callable, Sequence

from ...judgement.history import History
from ...judgement.ledger import Ledger
from ...judgement.tasks import Task
from ...judgement.verdicts import Broken, Kind, Moment
from ...programs import service as programs
from ...programs.process import Process
from ...timeouts import EVENTUALLY, POLL, QUIET
from ...wiretap import Tap
from .connected_program import LONGEST_DELAY
from .producer_run import ProducerRun
from .program import Program

Start = Callable[[str, Sequence[str]], Process]
"""Starts the process of a request, which gets a name of its own: `request 1`. It is given the service's name and
the words of the task."""


class Service(Program):
    """One process of a service under test. It may connect at its start, or when it is asked for a task."""

    def __init__(
        self,
        process: Process,
        tap: Tap,
        history: History,
        kind: programs.Service,
        *,
        url: str,
        port: int,
        start: Start,
    ) -> None:
        """`url` is what is asked whether it is ready, if its kind has such a URL. It may listen on the `port`.
        `start` starts the process of a request.
        """
        super().__init__(process, tap, history, seconds_per_dot=0.0)
        self._kind = kind
        self._url = url
        self._port = port
        self._start = start
        self.not_ready = kind.not_ready
        """What is so as long as it is not ready, as a sentence without its full stop."""
        self.was_ready = False
        """Whether it was ready when `becomes_ready` had waited for that."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._end() is None

    def becomes_ready(self, within: float) -> None:
        """Waits until it is ready for requests, or has ended. This breaks nothing."""
        self.was_ready = self._is_ready(within)

    def _is_ready(self, within: float) -> bool:
        deadline = self.history.now + within
        if (pattern := self._kind.ready_line) is not None:

            def said(_: object) -> str:
                lines = self.history.events_of(self.name, "output")
                if any(pattern.search(each.text) for each in lines):
                    return "ready"
                return "" if self.running else "ended"

            return self.history.wait(said, within) == "ready"
        while not (programs.answers(self._url) if self._url else programs.listens(self._port)):
            # Nobody tells that a port begins to listen: so this looks again.
            if self.history.wait(lambda _: not self.running, POLL) or self.history.now > deadline:
                return False
        return self.running

    def is_asked(self, *words: str, slow_start: float = 0.0) -> "Request":
        """Asks it for one task with these words. The answer may take `slow_start` seconds longer than usual."""
        return Request(self, self._start(self.name, words), slow_start)

    def succeeds_again(self, new_task: Callable[[], Task]) -> "tuple[Task, Request | None]":
        """Asks it for one task after the other, until a request succeeds or it has ended. Returns the last task and
        the request; None in place of the request if it has ended. Raises Broken if it does neither in time.
        """
        deadline = self.history.now + LONGEST_DELAY + EVENTUALLY
        while True:
            task = new_task()
            request = self.is_asked(*task.text.split())
            if (status := request.gives_up()) == 0:
                return task, request
            # What a service waits for before it connects again is no event: so this asks again.
            if self.history.wait(lambda _: not self.running, POLL):
                return task, None
            if self.history.now > deadline:
                raise Broken(
                    f"{self.name} publishes again, or ends",
                    f"{request.name} ended with status {status}, {LONGEST_DELAY + EVENTUALLY:.0f} s after the "
                    "broker was back",
                    Moment(request.name, None, "exited"),
                    Kind.STATUS,
                )

    def is_told_to_stop(self) -> None:
        """Sends SIGTERM, if it has not ended."""
        if self.running:
            self.process.signal(signal.SIGTERM)


class Request(ProducerRun):
    """A process that asks a service for one task, and the word of which is its exit status. What it is said to
    publish is what the service publishes after the request has begun; signals go to the service.
    """

    def __init__(self, service: Service, process: Process, slow_start: float) -> None:
        super().__init__(
            process, service.tap, service.history, seconds_per_dot=0.0, start_seconds=EVENTUALLY + slow_start
        )
        self.service = service
        self._began = self._events()[0].at

    @property
    def ledger(self) -> Ledger:
        """What its service did so far, with what it published since the request began."""
        return self.history.ledger(self.service.name).published_since(self._began)

    @property
    def output(self) -> str:
        """What it has written, and what its service has written. Waits for a moment before that if it has ended: a
        service may answer first and then write why.
        """
        if self.status is not None:
            self.history.wait(lambda _: not self.service.running, QUIET)
            self.service.process.exit_status(0)  # all of its output, if it has ended
        return f"{self.process.output}{self.service.process.output}"

    def interrupt(self) -> None:
        """Sends SIGINT to the service."""
        self.service.interrupt()

    def terminate(self) -> None:
        """Sends SIGTERM to the service."""
        self.service.terminate()

    def _connections_end(self) -> None:
        """Does nothing: the service keeps its connections when the request has ended."""
