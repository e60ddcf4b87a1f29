"""Settings of a whole broker, changed for a while. Only for a broker that no other test uses."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from ..broker import Broker
from ..judgement.verdicts import NotJudged


@contextmanager
def configured(broker: Broker, settings: Mapping[str, int]) -> Iterator[None]:
    """RabbitMQ with other values in its configuration. Only channels that are opened meanwhile see them."""
    _must_be_rabbitmq(broker)
    before = {name: broker.evaluate(f"application:get_env(rabbit, {name})").strip() for name in settings}
    try:
        for name, value in settings.items():
            broker.evaluate_on_each_node(f"application:set_env(rabbit, {name}, {value})")
        yield
    finally:
        for name, was in before.items():
            if was == "undefined":
                broker.evaluate_on_each_node(f"application:unset_env(rabbit, {name})")
            else:
                broker.evaluate_on_each_node(f"application:set_env(rabbit, {name}, element(2, {was}))")


def acknowledgement_timeout(broker: Broker, milliseconds: int) -> AbstractContextManager[None]:
    """RabbitMQ that lets a consumer hold a message for this long instead of the usual 30 minutes."""
    # By default a channel checks only once a minute whether the time is over.
    return configured(broker, {"consumer_timeout": milliseconds, "channel_tick_interval": milliseconds // 2})


@contextmanager
def out_of_memory(broker: Broker) -> Iterator[None]:
    """RabbitMQ with its memory alarm raised: it is told that it may use almost no memory."""
    _must_be_rabbitmq(broker)
    allowed = broker.evaluate("vm_memory_monitor:get_vm_memory_high_watermark()").strip()
    try:
        # The alarm is passed on by Erlang messages. When get_alarms answers, each connection has one in its
        # mailbox, and blocks at the next publish. Before that it might let one more publish pass.
        broker.evaluate_on_each_node(
            "vm_memory_monitor:set_vm_memory_high_watermark(0.000001), rabbit_alarm:get_alarms()"
        )
        yield
    finally:
        broker.evaluate_on_each_node(f"vm_memory_monitor:set_vm_memory_high_watermark({allowed})")


@contextmanager
def largest_message(broker: Broker, size: int) -> Iterator[None]:
    """RabbitMQ that takes no message of more than `size` bytes, on channels that are opened meanwhile."""
    with configured(broker, {"max_message_size": size}):
        # From 4.0 on channels read the limit from a persistent term, which is set when the node starts.
        was = broker.evaluate("persistent_term:get(max_message_size, none)").strip()
        try:
            if was != "none":
                broker.evaluate_on_each_node(f"persistent_term:put(max_message_size, {size})")
            yield
        finally:
            if was != "none":
                broker.evaluate_on_each_node(f"persistent_term:put(max_message_size, {was})")


def _must_be_rabbitmq(broker: Broker) -> None:
    if broker.product != "RabbitMQ":
        raise NotJudged(
            f"it takes other settings of the broker, and how {broker.product} is set is not known"
        )
