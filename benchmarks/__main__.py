"""`./spec bench`: measures what the suite and the reference cost, as ratios in one run."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from workqueue_spec.broker.whole_run import whole_run
from workqueue_spec.errors import SetupError
from workqueue_spec.report import file as report

from . import brokers, judge, machine, matrix, readme
from .groups import GROUPS, MATRIX, chosen, measured
from .rows import Given, Row
from .table import as_json, markdown

NOT_ALL, MISUSED, INTERRUPTED = 1, 4, 130


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence each."""

    def error(self, message: str) -> NoReturn:
        """Raises SetupError."""
        raise SetupError(f"{message[:1].upper()}{message[1:]}; see ./spec bench --help.")


def main(arguments: Sequence[str]) -> int:
    """Measures the rows that are asked for. Returns 0 if all were measured, and 1 if some were not."""
    try:
        options = _options().parse_args(arguments)
        names = chosen(options.names)
        if options.rounds < 1:
            raise SetupError(f"There cannot be {options.rounds} rounds; give 1 or more.")
        if options.events < judge.SIZES[0]:
            raise SetupError(
                f"Judging {options.events} events is too short to be measured; give 10000 or more."
            )
        if options.matrix is not None:
            matrix.read(options.matrix)
        report.check(options.report_json)
        return _measure(names, options)
    except SetupError as error:
        print(f"spec: {error}", file=sys.stderr)
        return MISUSED
    except KeyboardInterrupt:
        print("\nspec: interrupted.", file=sys.stderr)
        return INTERRUPTED


def _measure(names: Sequence[str], options: argparse.Namespace) -> int:
    about, loaded = machine.about(), machine.is_loaded()
    for name, value in about.items():
        print(f"{name}: {value}", flush=True)
    rows: dict[str, list[Row]] = {}
    with whole_run() as run:
        given = Given(run, options.rounds, options.matrix, options.image, options.events)
        for name in names:
            print(f"\n{GROUPS[name][0]}", flush=True)
            rows[name] = list(measured(name, given))
            print(f"\n{markdown(rows[name])}", flush=True)
    about["brokers"] = ", ".join(sorted(brokers.seen)) or "none"
    if options.report_json is not None:
        _write_json(options.report_json, about, rows, options.rounds)
    if not options.names:
        tables = {GROUPS[name][0]: markdown(each) for name, each in rows.items()}
        _write_readme(readme.results(about, tables, loaded=loaded))
    if loaded:
        print(f"\n{readme.LOADED}")
    asked = [name for name in names if name != MATRIX or options.names or options.matrix]
    return NOT_ALL if any(not row.values for name in asked for row in rows[name]) else 0


def _write_json(file: Path, about: dict[str, str], rows: dict[str, list[Row]], rounds: int) -> None:
    groups = {name: [as_json(row) for row in each] for name, each in rows.items()}
    report.write({"schema": 1, "about": about, "rounds": rounds, "rows": groups}, file)


def _write_readme(results: str) -> None:
    try:
        text = readme.FILE.read_text(encoding="utf-8")
        readme.FILE.write_text(readme.replaced(text, results), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{readme.FILE} could not be written: {error.strerror}.") from error


def _options() -> argparse.ArgumentParser:
    parser = Parser(prog="./spec bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="ROW",
        help=f"what to measure: {', '.join(GROUPS)}; with names README.md is left as it is (default: all)",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=15,
        metavar="N",
        help="how often each is measured; what takes minutes a fifth as often (15)",
    )
    parser.add_argument("--report-json", type=Path, metavar="FILE", help="write the rows as JSON")
    parser.add_argument(
        "--matrix",
        type=Path,
        metavar="FILE",
        help="a report of ./spec mutants, for the row of the kill matrix",
    )
    parser.add_argument(
        "--image",
        default="",
        metavar="IMAGE",
        help="the image for the row of the containers (default: one of RabbitMQ that the engine has)",
    )
    parser.add_argument(
        "--events",
        type=int,
        default=judge.A_MILLION,
        metavar="N",
        help="the most events for the row of the judge (1000000; 10000000 takes ten minutes more)",
    )
    return parser


if __name__ == "__main__":
    # SIGTERM then ends brokers and programs as Ctrl-C does. SIGINT may be ignored here, for example under nohup.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    sys.exit(main(sys.argv[1:]))
