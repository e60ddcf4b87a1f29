"""The run's secrets are in nothing that is shown."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote, quote_plus

import pytest
from pamqp import commands

from workqueue_spec.broker import Address, Broker
from workqueue_spec.judgement.history import History
from workqueue_spec.report import secrets
from workqueue_spec.report.events import as_data
from workqueue_spec.report.secrets import HIDDEN, forget_secrets, hide, keep_secret
from workqueue_spec.report.transcript import safe, transcript
from workqueue_spec.wiretap import Content, Side, WireEvent, marshal
from workqueue_spec.wiretap.frames import frames_in

PASSWORD = "s3 cr/t'p@ß\\\N{SNOWMAN}+"


@dataclass
class Fake:
    kind: str
    address: Address


def keep(password: str, kind: str = "url", user: str = "me") -> None:
    keep_secret(cast(Broker, Fake(kind, Address("host", 5672, user, password))))


@pytest.fixture(autouse=True)
def nothing_is_kept() -> Iterator[None]:
    forget_secrets()
    yield
    forget_secrets()


@pytest.mark.parametrize(
    "shown",
    [
        PASSWORD,
        quote(PASSWORD, safe=""),
        quote(PASSWORD),
        quote_plus(PASSWORD),
        re.sub("%..", lambda match: match[0].lower(), quote(PASSWORD, safe="")),
        repr(PASSWORD),
        repr(PASSWORD.encode()),
        json.dumps(PASSWORD),
        base64.b64encode(f"\0me\0{PASSWORD}".encode()).decode(),
        base64.b64encode(f"me:{PASSWORD}".encode()).decode(),
        base64.urlsafe_b64encode(f"me:{PASSWORD}".encode()).decode().rstrip("="),
        base64.b64encode(PASSWORD.encode()).decode(),
        f"\0me\0{PASSWORD}",
    ],
)
def test_a_password_is_hidden_in_every_form(shown: str) -> None:
    keep(PASSWORD)

    hidden = hide(f"cannot connect to {shown}@host")

    assert HIDDEN in hidden
    assert "s3" not in hidden
    assert shown not in hidden


def test_a_secret_is_hidden_before_a_text_is_cut() -> None:
    keep("a-long-password")

    assert "a-long" not in safe(f"{'x' * 90}a-long-password")
    assert safe(f"{'x' * 90}a-long-password").endswith(HIDDEN)


def test_a_short_password_is_hidden_in_credentials_only() -> None:
    keep("me2")

    assert hide("some2 amqp://me:me2@host") == f"some2 amqp://{HIDDEN}@host"


@pytest.mark.parametrize(
    ("password", "kind", "user"),
    [("guest", "url", "guest"), ("", "url", "me"), ("guessed", "local", "guest")],
)
def test_what_is_no_secret_is_shown(password: str, kind: str, user: str) -> None:
    keep(password, kind, user)

    assert hide("guest was not guessed") == "guest was not guessed"
    assert secrets._forms == []


def test_the_evidence_holds_no_secret() -> None:
    keep(PASSWORD)
    history = History()
    history.add("worker 1", "output", f"amqp://me:{PASSWORD}@host")
    history.add("worker 1", "output", f"{'x' * 95}{PASSWORD}")
    properties = commands.Basic.Properties()
    sent: Any = commands.Basic.Publish(routing_key=PASSWORD)
    content = Content(properties, f"{'x' * 80}{PASSWORD}".encode())
    history.add_wire(
        "worker 1", WireEvent(1.0, 1, 1, Side.CLIENT, "Basic.Publish", frame=_frame(sent), content=content)
    )

    (data,) = as_data([("test", history.events)])

    for shown in ("\n".join(transcript(data)), json.dumps(data)):
        assert HIDDEN in shown
        assert "s3" not in shown


def test_a_login_is_never_in_a_report() -> None:
    history = History()
    login: Any = commands.Connection.StartOk(response="\0me\0never-kept-secret")
    history.add_wire("worker 1", WireEvent(1.0, 1, 0, Side.CLIENT, "Connection.StartOk", frame=_frame(login)))

    assert "never-kept-secret" not in json.dumps(as_data([("test", history.events)]))


def _frame(method: Any) -> Any:
    return frames_in(marshal(method, 1))[0]
