"""What the parties of one test have open: taps, processes and fixed addresses."""

from collections.abc import Sequence
from dataclasses import replace

from ..broker.run import kill_marked
from ..judgement.history import History
from ..programs.command import Command, without_secrets
from ..programs.fixed_address import Placement
from ..programs.process import Process
from ..wiretap import Capture, Limit, Tap, into_virtual_host
from .setting import Faults, Setting, VirtualHost
from .shared_vhost import upstream

FLOOD = Limit(frames=100_000, bytes=256 * 1024 * 1024)
"""What a program may send and receive in one test. All of it is kept until the test ends, and a kept frame takes a
kilobyte. A worker that requeues a task without a pause sends some 30 000 frames within any wait."""


class Resources:
    """Opens a tap for each party and starts the programs behind the taps. Closes them all in the end."""

    def __init__(
        self,
        setting: Setting,
        host: VirtualHost,
        bench: str,
        history: History,
        capture: Capture | None = None,
    ) -> None:
        """`bench` is the name of the bench. It is part of the mark by which the programs' processes are found."""
        self._setting = setting
        self._host = host
        self._bench = bench
        self._history = history
        self._capture = capture
        self._processes: list[Process] = []
        self._taps: list[Tap] = []
        self._placements: dict[str, Placement] = {}
        self._parties: dict[str, list[str]] = {}
        self._refusing = False

    def mark_of(self, party: str) -> str:
        """The mark that the processes of this party carry."""
        return self._setting.run.mark(f"{self._bench}/{party}")

    def parties(self, role: str) -> list[str]:
        """The names of the parties in this role so far: `worker 1`, `worker 2`."""
        return self._parties.get(role, [])

    def open_tap(self, role: str, faults: Faults | None = None) -> tuple[str, Tap]:
        """Opens the tap of a new party, and installs the faults on it. Returns the party's name and the tap.

        A program's tap listens at the program's fixed address, if it has one. A client's never does.
        """
        parties = self._parties.setdefault(role, [])
        name = f"{role} {len(parties) + 1}"
        parties.append(name)
        setting, address = self._setting, None
        program = role != "client"
        if program:
            self._placements[name] = setting.placements(setting.run.mark(f"{self._bench}/{name}"))
            address = self._placements[name].address
        tap = setting.loop_thread.tap(
            upstream(self._host.address),
            lambda wire: self._history.add_wire(name, wire),
            address,
            None if self._capture is None else self._capture.party(name),
        )
        tap.rewrite(into_virtual_host(self._host.name))
        if program:
            tap.limit(FLOOD)
        self._taps.append(tap)
        if self._refusing:
            tap.refuse()
        for each in (setting.lies, faults):
            if each is not None:
                each(tap)
        return name, tap

    def url(self, tap: Tap) -> str:
        """The URL of the broker for the party behind this tap."""
        address = replace(self._host.address, tls=False)  # a tap speaks TLS to the broker alone
        return address.url(self._host.name, host=tap.host, port=tap.port)

    def start(self, name: str, command: Command, url: str, words: Sequence[str] = ()) -> Process:
        """Starts the process of the program with this name, whose tap is open."""
        run, subject, placement = self._setting.run, self._setting.subject, self._placements[name]
        variables = subject.variables(url, words, TMPDIR=str(run.temporary))
        places = subject.placeholders(url)
        process = Process(
            name,
            placement.command(command.filled(places, words)),
            {**variables, **run.environment(f"{self._bench}/{name}")},
            command.folder,
            self._history,
            shown=" ".join(command.filled({**places, **without_secrets(places)}, words)),
            terminal=subject.terminal,
            held_open=subject.standard_input == "open",
        )
        placement.started(process.pid)
        self._processes.append(process)
        return process

    def refuse_connections(self) -> None:
        """Every tap, a later one too, refuses new connections."""
        self._refusing = True
        for tap in self._taps:
            tap.refuse()

    def accept_connections(self) -> None:
        """Every tap accepts new connections again."""
        self._refusing = False
        for tap in self._taps:
            tap.accept()

    def end_processes(self) -> None:
        """Ends every program, and the processes that the programs started."""
        for process in self._processes:
            process.end()
        if self._processes:
            kill_marked(self._setting.run.name, self._bench)

    def close(self) -> None:
        """Closes the taps and the fixed addresses."""
        for tap in self._taps:
            tap.close()
        for placement in self._placements.values():
            placement.close()
