"""Histories as the JSON report holds them, made by hand."""

from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]


class Script:
    """Writes the events of a history one after the other."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._tags: dict[str, int] = {}

    def add(self, at: float, party: str, name: str, **more: Any) -> int:
        """Adds an event, and returns its number."""
        number = len(self.events)
        self.events.append({"number": number, "at": at, "party": party, "name": name, **more})
        return number

    def wire(
        self,
        at: float,
        party: str,
        name: str,
        sender: str,
        connection: int = 1,
        body: str = "",
        **fields: Any,
    ) -> int:
        more: Event = {"connection": connection, "channel": 1, "sender": sender, "fields": fields}
        if body:
            more |= {"body": body, "body_size": len(body), "properties": {"delivery_mode": 2}}
        return self.add(at, party, name, **more)

    def starts(self, at: float, party: str, connection: int = 1) -> None:
        self.add(at, party, "started", text=f"python {party}.py")
        self.connects(at + 0.1, party, connection)

    def connects(self, at: float, party: str, connection: int = 1, heartbeat: int = 0) -> None:
        self.add(at, party, "Tap.Connected", text="127.0.0.1:5", connection=connection, channel=0)
        if heartbeat:
            self.wire(at, party, "Connection.TuneOk", "client", connection, heartbeat=heartbeat)
        self.wire(at + 0.01, party, "Queue.Declare", "client", connection, queue="task_queue", durable=True)
        self.wire(at + 0.02, party, "Basic.Consume", "client", connection, queue="task_queue")

    def sent(self, at: float, text: str) -> int:
        return self.add(at, "suite", "sent", text=text)

    def delivers(
        self, at: float, party: str, body: str, connection: int = 1, *, redelivered: bool = False
    ) -> int:
        """Delivers with the next tag of the party's connection, and returns the tag."""
        key = f"{party} {connection}"
        tag = self._tags[key] = self._tags.get(key, 0) + 1
        self.wire(
            at,
            party,
            "Basic.Deliver",
            "broker",
            connection,
            body=body,
            delivery_tag=tag,
            redelivered=redelivered,
            routing_key="task_queue",
        )
        return tag

    def acks(self, at: float, party: str, tag: int, connection: int = 1, **fields: Any) -> int:
        return self.wire(at, party, "Basic.Ack", "client", connection, delivery_tag=tag, **fields)

    def history(self, decided_by: int | None = None, left_out: int = 0) -> dict[str, Any]:
        return {
            "name": "test_something",
            "judged": True,
            "left_out": left_out,
            "decided_by": decided_by,
            "events": self.events,
        }


def task(number: int, words: str = "resize fetch", dots: int = 2) -> str:
    """The text of a task."""
    return f"k{number:08x} {words}{'.' * dots}"


def round_robin() -> dict[str, Any]:
    script = Script()
    for party in ("client 2", "client 3"):
        script.connects(0.01, party)
    for number in range(1, 6):
        at = 0.1 + number * 0.002
        script.wire(at, "client 1", "Basic.Publish", "client", body=task(number), routing_key="task_queue")
        script.delivers(at + 0.001, "client 2" if number % 2 else "client 3", task(number))
    return script.history()


def crash() -> dict[str, Any]:
    """Worker 1 is killed with a task, and worker 2 gets it again."""
    script = Script()
    script.starts(0.0, "worker 1")
    script.starts(0.2, "worker 2")
    script.sent(1.01, task(1, dots=20))
    script.delivers(1.0, "worker 1", task(1, dots=20))
    script.sent(1.05, task(2))
    tag = script.delivers(1.06, "worker 2", task(2))
    script.acks(1.27, "worker 2", tag)
    script.add(1.3, "worker 1", "signal", text="SIGKILL")
    script.add(1.31, "worker 1", "Tap.Disconnected", text="closed by the client", connection=1, channel=0)
    script.add(1.32, "worker 1", "exited", text="by SIGKILL")
    tag = script.delivers(1.35, "worker 2", task(1, dots=20), redelivered=True)
    script.acks(3.4, "worker 2", tag)
    return script.history()


def early() -> dict[str, Any]:
    """A worker acknowledges before the work; the acknowledgement decides."""
    script = Script()
    script.starts(0.0, "worker 1")
    script.sent(1.003, task(1, dots=20))
    tag = script.delivers(1.0, "worker 1", task(1, dots=20))
    decided = script.acks(1.006, "worker 1", tag)
    script.add(1.2, "worker 1", "signal", text="SIGKILL")
    script.add(1.21, "worker 1", "exited", text="by SIGKILL")
    return script.history(decided)


def restart() -> dict[str, Any]:
    """A broker is restarted, and gives out what it kept."""
    script = Script()
    for number in range(1, 5):
        at = 0.1 + number * 0.003
        script.wire(at, "client 1", "Basic.Publish", "client", body=task(number), routing_key="task_queue")
    script.delivers(0.115, "client 2", task(1))
    script.add(0.3, "broker", "unreachable", text="restart")
    script.wire(
        0.5,
        "client 2",
        "Connection.Close",
        "broker",
        reply_code=320,
        reply_text="CONNECTION_FORCED - shutdown",
    )
    script.add(0.51, "client 2", "Tap.Disconnected", text="closed by the broker", connection=1, channel=0)
    script.add(5.1, "broker", "reachable")
    script.connects(5.2, "client 3")
    for number in range(1, 5):
        script.delivers(5.3 + number * 0.002, "client 3", task(number), redelivered=number == 1)
    return script.history()


def silence() -> dict[str, Any]:
    """A worker sends no heartbeat in a long task, and loses its connection."""
    script = Script()
    script.add(0.0, "worker 1", "started", text="python worker.py")
    script.connects(0.1, "worker 1", heartbeat=1)
    script.sent(1.003, task(1, dots=60))
    script.delivers(1.0, "worker 1", task(1, dots=60))
    decided = script.add(
        4.1, "worker 1", "Tap.Disconnected", text="closed by the broker", connection=1, channel=0
    )
    script.connects(7.2, "worker 1", connection=2)
    tag = script.delivers(7.3, "worker 1", task(1, dots=60), 2, redelivered=True)
    script.acks(13.4, "worker 1", tag, 2)
    return script.history(decided)


def hot_loop(times: int = 190) -> dict[str, Any]:
    """A worker requeues a task again and again without a pause."""
    script = Script()
    script.starts(0.0, "worker 1")
    script.sent(1.003, task(1, "an error in it"))
    decided = None
    for number in range(times):
        at = 1.0 + number * 0.01
        tag = script.delivers(at, "worker 1", task(1, "an error in it"), redelivered=number > 0)
        last = script.wire(
            at + 0.004, "worker 1", "Basic.Nack", "client", delivery_tag=tag, requeue=True, multiple=False
        )
        decided = decided if number != times - 5 else last
    return script.history(decided)


def hoarder(tasks: int = 12) -> dict[str, Any]:
    """A worker without a prefetch limit holds all tasks."""
    script = Script()
    script.starts(0.0, "worker 1")
    for number in range(1, tasks + 1):
        script.sent(1.0 + number * 0.05, task(number))
        script.delivers(1.0 + number * 0.05, "worker 1", task(number))
    for number in range(1, tasks + 1):
        script.acks(1.3 + number * 0.2, "worker 1", number)
    return script.history(
        next(e["number"] for e in script.events if e.get("fields", {}).get("delivery_tag") == 2)
    )


def refused() -> dict[str, Any]:
    """A queue is declared twice, and the second time it is refused."""
    script = Script()
    script.add(0.01, "client 1", "Tap.Connected", text="127.0.0.1:5", connection=1, channel=0)
    script.wire(0.02, "client 1", "Queue.Declare", "client", queue="letters", durable=True)
    script.wire(0.03, "client 1", "Queue.Declare", "client", queue="letters", auto_delete=True)
    script.wire(
        0.034,
        "client 1",
        "Channel.Close",
        "broker",
        reply_code=406,
        reply_text="PRECONDITION_FAILED - inequivalent arg 'durable'",
    )
    script.wire(0.05, "client 1", "Queue.Declare", "client", queue="letters", durable=True)
    return script.history()


EVERY: Sequence[Any] = (round_robin, crash, early, restart, silence, hot_loop, hoarder, refused)
