"""What the parties of one test have open: taps, processes and fixed addresses."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..broker.ports import reserved_port
from ..broker.run import kill_marked
from ..judgement.history import History
from ..programs.command import SHELLS, Command, without_secrets
from ..programs.container import Container
from ..programs.fixed_address import Placement
from ..programs.process import Process, Running
from ..programs.process_group import ProcessGroup
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
        self._ports = contextlib.ExitStack()
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
        name = self.new_name(role)
        setting, address = self._setting, None
        program = role != "client"
        if program:
            self._placements[name] = setting.placements(setting.run.mark(f"{self._bench}/{name}"))
            address = self._placements[name].address
        tap = setting.loop_thread.tap(
            upstream(self._host.address, number=len(self._taps)),
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

    def start(
        self,
        name: str,
        command: Command,
        url: str,
        words: Sequence[str] = (),
        *,
        service_port: int | None = None,
        of_service: str = "",
    ) -> Process:
        """Starts the process of the program with this name, whose tap is open.

        A process that asks a service for a task has no tap. `of_service` is the name of that service: the process
        runs where the service does, and its standard input holds the text of the task.
        """
        run, subject, placement = (
            self._setting.run,
            self._setting.subject,
            self._placements[of_service or name],
        )
        image = None if of_service else subject.image
        temporary = {} if image else {"TMPDIR": str(run.temporary)}
        variables = subject.variables(url, words, service_port, in_image=image is not None, **temporary)
        places = subject.placeholders(url, service_port)

        def filled(values: Mapping[str, str]) -> list[str]:
            return command.filled(values, words, append=not of_service)

        line = placement.command(filled(places))
        environment = {**variables, **run.environment(f"{self._bench}/{name}")}
        terminal = subject.terminal and not of_service
        held_open = subject.standard_input == "open" and not of_service

        def begin() -> Running:
            if image is not None:
                return Container(image, line, environment, run.name, terminal=terminal, held_open=held_open)
            text = " ".join(words).encode() if of_service else None
            return ProcessGroup(
                line, environment, command.folder, terminal=terminal, held_open=held_open, given=text
            )

        shown = filled({**places, **without_secrets(places)})
        if of_service:
            shown.append(f"< {' '.join(words)!r}")
        process = Process(
            name,
            self._history,
            begin,
            shown=" ".join([f"{image}:", *shown] if image else shown),
            mark=self.mark_of(name),
            by_a_shell=Path(line[0]).name in SHELLS if line else False,
        )
        if not of_service:
            placement.started(process.pid)
        self._processes.append(process)
        return process

    def service_port(self) -> int:
        """A port of this machine that nobody else uses until this is closed."""
        return self._ports.enter_context(reserved_port())

    def new_name(self, role: str) -> str:
        """The name of a new party in this role."""
        parties = self._parties.setdefault(role, [])
        parties.append(f"{role} {len(parties) + 1}")
        return parties[-1]

    def give_back(self, name: str, tap: Tap) -> None:
        """Closes the tap of a program that has ended. A tap at a fixed address stays: its place belongs to the
        run.
        """
        if self._placements[name].address is None and tap in self._taps:
            self._taps.remove(tap)
            tap.close()

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
        self._ports.close()
