"""What the plugin does with the tests that pytest has collected."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from spec_tests.test_chaos import test_no_task_is_lost as chaos
from workqueue_spec.broker import Address, Broker
from workqueue_spec.broker.definitions import Definitions, Policy
from workqueue_spec.errors import SetupError
from workqueue_spec.plugin.hooks import _check_policies, _check_queue_type, pytest_collection_modifyitems
from workqueue_spec.plugin.stash import SUBJECT
from workqueue_spec.programs.subject import reference
from workqueue_spec.timeouts import HANGS


@pytest.mark.parametrize(("given", "limits"), [(None, [HANGS + 4 * 600 + 2 * 20]), (7.0, [])])
def test_faults_that_are_asked_for_do_not_count_as_hanging(given: float | None, limits: list[float]) -> None:
    """A user's own --timeout is left alone."""
    marks: list[Any] = []
    item: Any = SimpleNamespace(
        function=chaos,
        extra_keyword_matches=set(),
        add_marker=marks.append,
        get_closest_marker=lambda _: None,
    )
    config: Any = SimpleNamespace(
        option=SimpleNamespace(
            clause_class="production", chaos_seconds=600.0, model_examples=20, broker="auto", part_of=None
        ),
        getoption=lambda _name, _default: given,
        stash={SUBJECT: reference("classic")},
    )
    pytest_collection_modifyitems(config, [item])
    assert [each.mark.args[0] for each in marks] == limits


def test_policies_need_a_broker_at_which_they_can_be_set() -> None:
    made = Definitions(policies=(Policy("retry", "^jobs$", "all", 0, {}),))
    shared: Any = SimpleNamespace(
        ours=False, can_make_virtual_hosts=False, address=Address("rabbit.example", 5672, "me", "secret")
    )
    with pytest.raises(
        SetupError, match=r"The definitions hold policies \(retry\), and none can be set at"
    ) as said:
        _check_policies(replace(reference("classic"), definitions=made), shared)
    assert "secret" not in str(said.value)
    _check_policies(replace(reference("classic"), definitions=Definitions()), shared)
    _check_policies(reference("classic"), shared)
    garagemq: Any = SimpleNamespace(ours=True, can_make_virtual_hosts=False, product="garagemq")
    with pytest.raises(SetupError, match=r"policies \(retry\), and garagemq knows none\."):
        _check_policies(replace(reference("classic"), definitions=made), garagemq)


@pytest.mark.parametrize("queue_type", ["classic", "quorum"])
def test_a_broker_without_quorum_queues_is_not_judged_by_them(queue_type: str) -> None:
    _check_queue_type(queue_type, cast("Broker", SimpleNamespace(product="RabbitMQ")))
    garagemq = cast("Broker", SimpleNamespace(product="garagemq"))
    if queue_type == "classic":
        _check_queue_type(queue_type, garagemq)
        return
    with pytest.raises(SetupError, match="garagemq has no quorum queues; judge with --queue-type classic"):
        _check_queue_type(queue_type, garagemq)
