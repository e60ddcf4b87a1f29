"""The machine, the versions and the date of a run of benchmarks."""

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path


def about() -> dict[str, str]:
    """What the figures depend on, by name, in the order in which it is shown."""
    now = datetime.datetime.now(datetime.UTC)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return {
        "date": f"{now:%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores ({_processor()}), {_memory():.0f} GiB of memory",
        "load average before the run": f"{load} (of 1, 5 and 15 minutes)",
        "system": f"{_system()}, Linux {platform.release()}" if _is_linux() else platform.platform(),
        "versions": f"Python {platform.python_version()}, pika {importlib.metadata.version('pika')}",
    }


def is_loaded() -> bool:
    """Whether the machine has had more to do in the last minute than half of its cores can."""
    return os.getloadavg()[0] > (os.cpu_count() or 1) / 2


def _is_linux() -> bool:
    return platform.system() == "Linux"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "an unknown distribution"
