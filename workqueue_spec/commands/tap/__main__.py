"""`./spec tap`: listens, forwards to the broker, and prints what passes until it is interrupted."""

import argparse
import contextlib
import io
import json
import os
import socket
import ssl
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

from ...broker import Address
from ...broker.tls import cannot_trust, no_tls
from ...errors import SetupError
from ...programs import signals
from ...report.capture_files import capture_file, made_folder
from ...wiretap import Capture, LoopThread, OwnPort, Side, Tap, Upstream, WireEvent
from ..spelling import MISUSED
from . import lines, options
from .faults import Faults
from .output import Output

NOT_RUN, INTERRUPTED = 3, 130
"""Exit statuses: it cannot listen, or no broker answers; and it was interrupted before it listened."""

_ANSWERS: Final = 5.0
"""Seconds within which the broker must accept a connection at the start."""

_FILE: Final = "tap.pcapng"
"""The file of --pcap, in its folder."""


def main(arguments: Sequence[str]) -> int:
    """Runs the tap until a signal comes. Returns the exit status: 0 after a signal, 3 or 4 if a sentence says why
    it did not run.
    """
    given = options.parser().parse_args(arguments)
    try:
        faults = Faults.asked_for(given)
        upstream = _upstream(given)
        folder = None if given.pcap is None else made_folder(given.pcap)
    except SetupError as error:
        return _fail(MISUSED, error)
    try:
        _check(upstream)
        with contextlib.nullcontext() if folder is None else capture_file(folder / _FILE) as capture:
            _run(given, upstream, faults, capture)
    except SetupError as error:
        return _fail(NOT_RUN, error)
    return 0


class _Watch:
    """Counts the events of the tap, and makes lines from them."""

    def __init__(self, output: Output, given: argparse.Namespace) -> None:
        self.frames = 0
        self._output = output
        self._json: bool = given.json
        self._quiet: bool = given.quiet
        self._began = time.monotonic()

    def __call__(self, event: WireEvent) -> None:
        self.frames += event.sender is not None
        if self._quiet:
            return
        now = time.monotonic() - self._began
        if self._json:
            self._output.put(lines.as_json(event, now, event.at - self._began))
        else:
            self._output.put(lines.text(event, now))


def _run(given: argparse.Namespace, upstream: Upstream, faults: Faults, capture: Capture | None) -> None:
    """Returns after a signal, or if nobody reads the lines any more. Raises SetupError if it cannot listen."""
    host, port = given.listen
    try:
        own_port = OwnPort(host, port)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    output = Output(sys.stdout, lambda number: _loss(number, as_json=given.json))
    watch = _Watch(output, given)
    recorder = None if capture is None else capture.party("client")
    with LoopThread() as loop_thread, closing(Tap(loop_thread, upstream, watch, own_port, recorder)) as tap:
        faults.install(tap)
        for line in _first_lines(tap, upstream, faults, as_json=given.json):
            output.put(line)
        try:
            tap.accept()
        except OSError as error:
            raise _cannot_listen(host, port, error) from error
        try:
            try:
                output.print_for_ever()
            except KeyboardInterrupt:
                tap.close()
                output.finish(_last_line(tap, watch.frames, as_json=given.json))
                sys.stdout.flush()
        except BrokenPipeError:
            # Nobody reads the lines; Python would fail to flush them at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _first_lines(tap: Tap, upstream: Upstream, faults: Faults, *, as_json: bool) -> list[str]:
    if as_json:
        found: dict[str, Any] = {
            "name": "listening",
            "host": tap.host,
            "port": tap.port,
            "to": _shown(upstream),
        }
        return [json.dumps(found | {"faults": list(faults.described()), "seed": faults.seed})]
    listening = f"listening on {_at(tap.host, tap.port)}, forwarding to {_shown(upstream)}; Ctrl-C ends it"
    return [line for line in (listening, faults.in_a_sentence()) if line]


def _last_line(tap: Tap, frames: int, *, as_json: bool) -> str:
    """What has passed; a method with its message counts as one frame."""
    connections, traffic = tap.connections_in_all, tap.traffic
    client, broker = traffic[Side.CLIENT], traffic[Side.BROKER]
    if as_json:
        counts = {"connections": connections, "frames": frames}
        return json.dumps(
            {"name": "ended", **counts, "bytes_from_clients": client, "bytes_from_broker": broker}
        )
    return (
        f"ended: {_counted(connections, 'connection')}, {_counted(frames, 'frame')}, "
        f"{_counted(client, 'byte')} from clients, {_counted(broker, 'byte')} from the broker"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _loss(number: int, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"name": "lost", "lines": number})
    return f"{number} lines are lost here: what reads them is too slow"


def _upstream(given: argparse.Namespace) -> Upstream:
    """Where the broker is. Raises SetupError if `--to` or `--broker-ca` cannot be used."""
    url = given.to if "://" in given.to else f"amqp://{given.to}"
    try:
        address, _ = Address.parse(url)
    except SetupError as error:
        raise SetupError(f"--to needs HOST:PORT or an AMQP URL. {error}") from error
    if given.broker_ca is not None:
        if not address.tls:
            raise SetupError(
                "--broker-ca is for a broker at an amqps:// URL only; leave it out, or change --to."
            )
        address = replace(address, ca=str(given.broker_ca.absolute()))
    try:
        return Upstream(address.host, address.port, address.tls_context())
    except OSError as error:
        raise cannot_trust(given.broker_ca, error) from error


def _check(upstream: Upstream) -> None:
    """Raises SetupError if nothing accepts a connection where the broker should be."""
    shown = _shown(upstream)
    try:
        with socket.create_connection((upstream.host, upstream.port), _ANSWERS) as plain:
            if upstream.tls is not None:
                upstream.tls.wrap_socket(plain, server_hostname=upstream.host).close()
    except ssl.SSLError as error:
        raise no_tls(shown, error) from error
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SetupError(
            f"No broker answers at {shown} ({reason}); start it first, or name another one with --to."
        ) from error


def _cannot_listen(host: str, port: int, error: OSError) -> SetupError:
    return SetupError(
        f"The tap cannot listen on {_at(host, port)} ({os.strerror(error.errno) if error.errno else error}); "
        "choose another port with --listen."
    )


def _shown(upstream: Upstream) -> str:
    return f"{_at(upstream.host, upstream.port)}{' with TLS' if upstream.tls is not None else ''}"


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _fail(status: int, error: SetupError) -> int:
    print(f"spec: {error}", file=sys.stderr)
    return status


if __name__ == "__main__":
    signals.run(main, INTERRUPTED)
