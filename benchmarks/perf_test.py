"""RabbitMQ's own PerfTest, by Maven from Maven Central: the load of many connections through the tap."""

import fcntl
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from workqueue_spec.broker.run import Run
from workqueue_spec.errors import SetupError

from .processes import output
from .rows import Given, Row, ratios

VERSION = "2.22.1"
SECONDS = 5
"""How long each load lasts."""
RATE = re.compile(r"receiving rate avg: (\d+) msg/s")

POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>workqueue-spec</groupId>
  <artifactId>benchmarks</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.rabbitmq</groupId>
      <artifactId>perf-test</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
</project>
"""


def measure(given: Given, direct: str, tapped: str, connections: int) -> Iterator[Row]:
    """The time of a message with many connections beside two: PerfTest has one to publish and one to consume."""
    what = f"tap with {connections} connections, PerfTest: time of a message"
    beside = "tap with two connections"
    try:
        jars = _jars(given.run)
        rates = [
            [
                _rate(given.run, jars, url, number)
                for url in (direct, tapped)
                for number in (1, connections // 2)
            ]
            for _ in range(given.few_rounds)
        ]
    except SetupError as error:
        yield Row(what, beside, why_not=str(error))
        return
    direct_two, direct_many, tap_two, tap_many = zip(*rates, strict=True)
    note = f"PerfTest {VERSION}, publishers without confirms, automatic acknowledgement"
    yield Row(what, beside, ratios(tap_two, tap_many), note=note)
    yield Row(
        f"direct, {connections} connections, PerfTest: time of a message",
        "direct with two connections",
        ratios(direct_two, direct_many),
    )
    yield Row("tap with two connections, PerfTest: speed", "direct", ratios(tap_two, direct_two))
    yield Row(f"tap with {connections} connections, PerfTest: speed", "direct", ratios(tap_many, direct_many))


def _rate(run: Run, jars: Path, url: str, pairs: int) -> float:
    """Messages a second from that many publishers to as many consumers, over one queue."""
    command = ["java", "-cp", f"{jars}/*", "com.rabbitmq.perf.PerfTest", "--uri", url]
    load = ["--producers", str(pairs), "--consumers", str(pairs), "--size", "100", "--time", str(SECONDS)]
    said = output([*command, *load, "--autoack", "--id", "benchmark", "--queue", f"perf {pairs}"], run)
    found = RATE.search(said)
    if found is None:
        raise SetupError("PerfTest printed no rate.")
    return float(found[1])


def _jars(run: Run) -> Path:
    """The folder with PerfTest and what it needs, fetched once into the suite's environment.

    Raises SetupError if it cannot be had.
    """
    for program, package in (("java", "Java"), ("mvn", "Maven")):
        if shutil.which(program) is None:
            raise SetupError(f"there is no {package} ({program}) on the PATH")
    home = Path(sys.prefix, f"perf-test-{VERSION}")
    home.mkdir(exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        jars = home / "jars"
        if not jars.exists():
            (home / "pom.xml").write_text(POM.format(version=VERSION), encoding="utf-8")
            unfinished = home / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            fetch = ["mvn", "-q", "-B", "-f", str(home / "pom.xml"), "dependency:copy-dependencies"]
            try:
                output([*fetch, "-DincludeScope=runtime", f"-DoutputDirectory={unfinished}"], run)
            except (SetupError, subprocess.SubprocessError) as error:
                raise SetupError(f"Maven could not fetch com.rabbitmq:perf-test:{VERSION}") from error
            unfinished.rename(jars)
    return jars
