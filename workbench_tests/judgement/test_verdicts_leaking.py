"""Which resources a worker leaves open."""

from pamqp import commands

from workqueue_spec.judgement.verdicts.leaking import Resource, leaks_nothing, left_open, nothing_left_behind

from .wire import Script


def opens(script: Script, connection: int, channel: int) -> Script:
    return script.broker(commands.Channel.OpenOk(), connection=connection, channel=channel)


def connected(*connections: int) -> Script:
    script = Script()
    for connection in connections:
        opens(script.tap("Tap.Connected", connection=connection), connection, 1)
    return script


def both(connection: int) -> set[Resource]:
    return {Resource(connection, 0, "connection"), Resource(connection, 1, "channel")}


def test_connections_and_channels_are_counted() -> None:
    assert left_open(Script().events) == frozenset()
    assert left_open(connected(1, 2).events) == both(1) | both(2)


def test_subscriptions_and_queues_are_counted() -> None:
    script = connected(1)
    for _ in range(2):
        script.broker(commands.Queue.DeclareOk("mine", 0, 0))
    for tag in ("first", "second"):
        script.broker(commands.Basic.ConsumeOk(tag))
    assert left_open(script.events) - both(1) == {
        Resource(1, 0, "queue", "mine"),
        Resource(1, 1, "subscription", "first"),
        Resource(1, 1, "subscription", "second"),
    }
    script.client(commands.Basic.Cancel("first")).client(commands.Queue.Delete(queue="mine"))
    assert left_open(script.events) - both(1) == {Resource(1, 1, "subscription", "second")}
    script.client(commands.Channel.Close(200, "", 0, 0))
    assert left_open(script.events) == {Resource(1, 0, "connection")}


def test_what_either_side_closes_is_not_left_open() -> None:
    script = opens(connected(1), 1, 2)
    script.client(commands.Channel.Close(200, "", 0, 0), channel=1)
    script.broker(commands.Channel.Close(404, "NOT_FOUND", 50, 10), channel=2)
    assert left_open(script.events) == {Resource(1, 0, "connection")}


def test_a_connection_goes_with_its_channels() -> None:
    for end in ("Tap.Disconnected", "Tap.Cut"):
        assert left_open(connected(1, 2).tap(end, connection=1).events) == both(2)


def test_what_grows_with_each_round_is_a_leak() -> None:
    one, two, three = (left_open(connected(*range(count)).events) for count in (1, 2, 3))
    assert not leaks_nothing([one, two, three], 12)
    assert leaks_nothing([one, two, two], 12)
    assert leaks_nothing([one, three, two, three], 12)
    assert leaks_nothing([one, two, three], 12).seen == (
        "2, 4, 6 things open, one round after the other; at last channels: 3, connections: 3"
    )


def test_what_is_left_behind_is_counted_by_its_kind() -> None:
    before = frozenset(both(1))
    assert nothing_left_behind(before, frozenset(both(1) | both(2) | both(3)), 3)
    assert not nothing_left_behind(before, frozenset(both(1) | both(2) | both(3) | both(4)), 3)
    assert not nothing_left_behind(
        before, before | {Resource(1, number, "channel") for number in (2, 3, 4)}, 3
    )
    assert not nothing_left_behind(before, frozenset(), 3)
