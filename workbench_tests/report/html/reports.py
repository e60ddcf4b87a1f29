"""Reports of schema 2, made by hand."""

from typing import Any

from workqueue_spec.report.causes import with_causes
from workqueue_spec.report.json_report import BEHAVIOURS

from . import histories


def clause(id_: str, slug: str, outcome: str = "passed", **more: Any) -> dict[str, Any]:
    """A clause as the report has it, before its causes are found."""
    subjects = {"B": "broker", "P": "producer", "W": "worker", "S": "system"}
    return {
        "id": id_,
        "slug": slug,
        "class": "core",
        "level": "MUST",
        "subject": subjects[id_[0]],
        "statement": f"The statement of {slug}.",
        "outcome": outcome,
        "seconds": 1.0,
        "reason": "",
        "known_failure": "",
        "seen_in": "",
        "edition": None,
        "expected": "",
        "seen": "",
        "kind": "",
        "beside": [],
        "again": "",
        "histories": [],
        **more,
    }


def failed(id_: str, slug: str, history: dict[str, Any], **more: Any) -> dict[str, Any]:
    return clause(
        id_,
        slug,
        "failed",
        **{
            "expected": "something",
            "seen": "something else",
            "reason": "expected something; seen: something else",
            "again": f"./spec check --worker 'python worker.py' -k {id_} --seed 1734",
            "histories": [history],
            **more,
        },
    )


def report(*clauses: dict[str, Any], **more: Any) -> dict[str, Any]:
    counts = {each: sum(c["outcome"] == each for c in clauses) for each in ("passed", "failed", "not judged")}
    return {
        "schema": 2,
        "suite": {"name": "workqueue-spec", "version": "0.1.0"},
        "options": {},
        "platform": {"system": "Linux", "release": "6.1", "machine": "x86_64", "python": "3.11.2"},
        "program": {"name": "our worker", "producer": "python new_task.py", "worker": "python worker.py"},
        "subject": "our worker",
        "edition": None,
        "broker": "RabbitMQ 4.0.5 (local)",
        "queue_type": "classic",
        "seed": 1734,
        "started": "2026-11-28T01:23:00+00:00",
        "seconds": 61.2,
        "verdict": "nonconformant" if counts["failed"] else "conformant",
        "verdict_reason": "W03 and W06 do not hold" if counts["failed"] else "every MUST holds",
        "counts": counts,
        "behaviours": dict(BEHAVIOURS),
        "clauses": with_causes(clauses),
        **more,
    }


REMEDY = {
    "why": "A worker that dies now loses the task: the broker believes that it is done.",
    "how": "Acknowledge a task after its work, not before.",
    "reference": [{"name": "handle", "path": "reference/worker.py", "line": 120}],
    "settings": [
        {
            "subject": "acknowledge",
            "library": "pika",
            "do": "channel.basic_ack(tag)",
            "link": "https://pika.readthedocs.io",
        },
        {
            "subject": "acknowledge",
            "library": "amqplib",
            "do": "channel.ack(message)",
            "link": "https://amqp-node.github.io",
        },
    ],
    "library": "pika",
}


def usual() -> dict[str, Any]:
    """A report with some of everything."""
    return report(
        clause("B11", "round-robin", histories=[histories.round_robin()]),
        clause("B02", "mismatched-properties-refused", histories=[histories.refused()]),
        clause("B31", "durable-survives", histories=[histories.restart()]),
        clause("B35", "needs-a-restart", "not judged", reason="the broker was given by URL"),
        clause("P01", "persistent"),
        failed(
            "W03", "ack-after-work", histories.early(), kind="acknowledged before the work", remedy=REMEDY
        ),
        failed("W06", "killed-worker-loses-nothing", histories.early(), kind="acknowledged before the work"),
        failed("W09", "bounded-retries", histories.hot_loop(), level="SHOULD"),
        failed(
            "W12",
            "heartbeats",
            histories.silence(),
            kind="connection lost",
            known_failure="blocks in its callback",
        ),
        clause("W13", "comes-back", known_failure="it did not come back"),
        clause("W14", "subscribes-again", "not judged", reason="the broker was given by URL"),
    )


HOSTILE = "<script>alert(1)</script>\"'&\x1b[31m\u202eevil\u2066 " + "x" * 3000


def hostile() -> dict[str, Any]:
    """A report in which every text that comes from outside is hostile."""
    script = histories.Script()
    script.add(0.0, "worker 1", "started", text=HOSTILE)
    script.wire(0.1, "worker 1", "Queue.Declare", "client", queue=HOSTILE, durable=True)
    tag = script.delivers(0.2, "worker 1", HOSTILE)
    script.wire(0.3, "worker 1", "Channel.Close", "broker", reply_code=406, reply_text=HOSTILE)
    script.add(0.4, "worker 1", "signal", text=HOSTILE)
    decided = script.acks(0.5, "worker 1", tag)
    script.add(0.6, "worker 1", "exited", text=HOSTILE)
    texts = dict.fromkeys(("statement", "reason", "seen_in", "expected", "seen", "again"), HOSTILE)
    remedy = {
        "why": HOSTILE,
        "how": HOSTILE,
        "reference": [{"name": HOSTILE, "path": HOSTILE, "line": 1}],
        "settings": [{"subject": HOSTILE, "library": HOSTILE, "do": HOSTILE, "link": "javascript:alert(1)"}],
        "library": HOSTILE,
    }
    return report(
        failed("W03", HOSTILE, script.history(decided), remedy=remedy, **texts),
        failed("W04", HOSTILE, script.history(decided), known_failure=HOSTILE, **texts),
        clause("W05", HOSTILE, "not judged", statement=HOSTILE, reason=HOSTILE),
        clause("W06", HOSTILE, statement=HOSTILE, histories=[script.history()]),
        subject=HOSTILE,
        broker=HOSTILE,
        verdict_reason=HOSTILE,
        program={"name": HOSTILE, "producer": HOSTILE, "worker": HOSTILE},
        behaviours={"W06": HOSTILE},
    )
