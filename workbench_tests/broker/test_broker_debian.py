"""The unpacking of RabbitMQ, with fake apt-get and dpkg programs on the PATH."""

import os
import tempfile
import threading
from pathlib import Path

import pytest

from workqueue_spec.broker import debian, installation
from workqueue_spec.broker.installation import RABBITMQ
from workqueue_spec.errors import SetupError

APT_GET = """\
#!/bin/sh
echo "$*" >> {calls}
case "$*" in
  *own-lists.conf*update) echo 'E: third party failed' >&2; exit 100 ;;
  *{serving}*-s\\ install*) echo 'Inst rabbitmq-server (3.10.8-1 Debian:12 [all])'
                   echo 'Inst libc6 [2.35] (2.36 Debian:12 [amd64])'
                   echo 'Conf rabbitmq-server (3.10.8-1 Debian:12 [all])' ;;
  *{serving}*download*) sleep 0.2; touch rabbitmq-server.deb ;;
  *) echo 'W: old' >&2; echo 'E: Unable to locate package rabbitmq-server' >&2; exit 100 ;;
esac
"""

DPKG_DEB = """\
#!/bin/sh
mkdir -p "$3/usr/lib/erlang/bin" "$3/usr/lib/erlang/erts-13/bin"
printf 'if x\\n    ROOTDIR=/usr/lib/erlang\\nfi\\n' > "$3/usr/lib/erlang/bin/erl"
cp "$3/usr/lib/erlang/bin/erl" "$3/usr/lib/erlang/erts-13/bin/erl"
exit {status}
"""


class Machine:
    """The programs on the PATH, and the user's cache."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs = folder / "bin"
        self.cache = folder / "cache"
        self.calls = folder / "calls"
        self.programs.mkdir()
        monkeypatch.setenv("PATH", f"{self.programs}:/usr/bin:/bin")
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.cache))
        monkeypatch.setattr(debian, "_system", lambda: "test")
        self.put("dpkg", "#!/bin/sh\n")
        self.serve()

    def serve(self, serving: str = "system-lists.conf", status: int = 0) -> None:
        self.put("apt-get", APT_GET.format(calls=self.calls, serving=serving))
        self.put("dpkg-deb", DPKG_DEB.format(status=status))

    def put(self, name: str, text: str) -> None:
        program = self.programs / name
        program.write_text(text)
        program.chmod(0o755)

    def calls_of(self, word: str) -> list[str]:
        return [line for line in self.calls.read_text().splitlines() if word in line]

    def left(self) -> list[str]:
        return sorted(file.name for file in (self.cache / "workqueue-spec").iterdir())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_it_is_fetched_once_and_its_scripts_name_its_folder(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    root = RABBITMQ.unpacked()
    assert RABBITMQ.unpacked() == root

    assert capsys.readouterr().err.count("Fetching RabbitMQ") == 1
    assert len(machine.calls_of("download")) == 1
    assert machine.calls_of("download")[0].endswith("download rabbitmq-server=3.10.8-1")
    for script in ("bin/erl", "erts-13/bin/erl"):
        assert f"    ROOTDIR={root}/usr/lib/erlang\n" in (root / "usr/lib/erlang" / script).read_text()
    assert machine.left() == ["rabbitmq-test", "rabbitmq-test.lock"]


def test_two_threads_fetch_it_once(machine: Machine) -> None:
    roots: list[Path] = []
    both = [threading.Thread(target=lambda: roots.append(RABBITMQ.unpacked())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len(roots) == 2
    assert len(machine.calls_of("download")) == 1


def test_neither_old_lists_nor_a_failing_repository_matter(machine: Machine) -> None:
    machine.serve("own-lists.conf")

    assert RABBITMQ.unpacked().is_dir()
    assert machine.calls_of("update")


def test_a_half_made_folder_is_never_used(machine: Machine) -> None:
    machine.serve(status=2)
    with pytest.raises(SetupError):
        RABBITMQ.unpacked()
    assert machine.left() == ["rabbitmq-test.lock"]

    machine.serve()
    assert RABBITMQ.unpacked().is_dir()


def test_the_last_error_of_apt_is_the_reason(machine: Machine) -> None:
    machine.serve("no-such.conf")

    with pytest.raises(
        SetupError, match=r"\(Unable to locate package rabbitmq-server\): install rabbitmq-server"
    ):
        RABBITMQ.unpacked()


def test_plugins_that_no_node_needs_are_removed(tmp_path: Path) -> None:
    needs = {"rabbit": "kernel,ra, syslog", "ra": "aten", "aten": "", "syslog": "", "rabbitmq_mqtt": "rabbit"}
    for name, others in needs.items():
        resource = tmp_path / f"{name}-1.0" / "ebin" / f"{name}.app"
        resource.parent.mkdir(parents=True)
        resource.write_text(f"{{application,{name},[\n\t{{applications, [{others}]}},\n\t{{env, []}}]}}.")
    installation._keep_what_a_node_needs(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "aten-1.0",
        "ra-1.0",
        "rabbit-1.0",
        "syslog-1.0",
    ]


def test_without_apt_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(
        SetupError, match="there is no apt-get to fetch it: install rabbitmq-server, start Docker"
    ):
        RABBITMQ.unpacked()


def test_a_cache_that_is_no_folder_is_replaced(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert RABBITMQ.unpacked().is_relative_to(tmp_path / f"workqueue-spec-{os.getuid()}")
