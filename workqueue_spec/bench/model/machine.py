"""The steps that Hypothesis chooses."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from .run import CLIENTS, ModelRun

CLIENT = st.sampled_from(CLIENTS)
PLACE = st.integers(0, 5)
"""Which of the messages in hand, or of the consumers; a place that is not there counts from the beginning again."""
MOST_CONSUMERS = 2
"""The most consumers of one client."""


class QueueMachine(RuleBasedStateMachine):
    """Takes steps on a queue of its own. What they must do is checked by the step itself.

    Which rules may be chosen depends on the rules before alone. It must not depend on what the broker did: that may
    be something else when Hypothesis takes the same steps again, and then Hypothesis gives up.
    """

    def __init__(self, run: ModelRun, guarded: Callable[[Callable[[], None]], None]) -> None:
        """`guarded` takes a step. It notes whether the step failed."""
        super().__init__()
        self.run = run
        self.take = guarded
        self.published = self.asked = False

    def _exists(self) -> bool:
        return self.run.model.exists

    def _may_hold(self) -> bool:
        return self.published and self.asked

    def _settle(self, which: int, settle: Callable[[int, int], None]) -> None:
        """Settles one message in hand, given the client and its place. Does nothing if nobody holds a message."""
        held = [
            (client, place) for client in CLIENTS for place in range(len(self.run.model.held_by(client)))
        ]
        if held:
            self.take(lambda: settle(*held[which % len(held)]))

    @rule(client=CLIENT, messages=st.integers(1, 3), persistent=st.booleans(), mandatory=st.booleans())
    def publish(self, client: int, messages: int, persistent: bool, mandatory: bool) -> None:
        """Publishes, and waits for the confirms."""
        self.published = True
        self.take(
            lambda: self.run.publishes(
                client, messages=messages, persistent=persistent, mandatory=mandatory
            )
        )

    @rule(client=CLIENT, messages=st.integers(1, 3), persistent=st.booleans())
    def publish_and_lose_the_connection(self, client: int, messages: int, persistent: bool) -> None:
        """Publishes, and does not live to see the confirms."""
        self.published = True
        self.take(
            lambda: self.run.publishes_and_loses_its_connection(
                client, messages=messages, persistent=persistent
            )
        )

    @precondition(_exists)
    @rule(client=CLIENT, prefetch=st.sampled_from([1, 2, 3, 0]))
    def consume(self, client: int, prefetch: int) -> None:
        """Subscribes."""
        self.asked = True
        mine = [each for each in self.run.model.consumers.values() if each.client == client]
        if len(mine) < MOST_CONSUMERS:
            self.take(lambda: self.run.consumes(client, prefetch=prefetch))

    @precondition(lambda self: self.run.model.consumers)
    @rule(which=PLACE)
    def cancel(self, which: int) -> None:
        """Ends a subscription."""
        all_ = list(self.run.model.consumers.values())
        chosen = all_[which % len(all_)]
        mine = [each for each in all_ if each.client == chosen.client]
        self.take(lambda: self.run.cancels(chosen.client, consumer=mine.index(chosen)))

    @precondition(_exists)
    @rule(client=CLIENT)
    def fetch(self, client: int) -> None:
        """Asks for one message."""
        self.asked = True
        self.take(lambda: self.run.fetches(client))

    @precondition(_may_hold)
    @rule(which=PLACE, multiple=st.booleans())
    def acknowledge(self, which: int, multiple: bool) -> None:
        """Acknowledges."""
        self._settle(
            which,
            lambda client, oldest: self.run.acknowledges(client, oldest=oldest, multiple=multiple),
        )

    @precondition(_may_hold)
    @rule(which=PLACE, multiple=st.booleans(), requeue=st.booleans())
    def nack(self, which: int, multiple: bool, requeue: bool) -> None:
        """Gives back by basic.nack."""
        self._settle(
            which,
            lambda client, oldest: self.run.nacks(client, oldest=oldest, multiple=multiple, requeue=requeue),
        )

    @precondition(_may_hold)
    @rule(which=PLACE, requeue=st.booleans())
    def reject(self, which: int, requeue: bool) -> None:
        """Gives back by basic.reject."""
        self._settle(
            which, lambda client, oldest: self.run.rejects(client, oldest=oldest, requeue=requeue)
        )

    @rule(client=CLIENT)
    def close_the_channel(self, client: int) -> None:
        """Closes the channel."""
        self.take(lambda: self.run.closes_its_channel(client))

    @rule(client=CLIENT)
    def lose_the_connection(self, client: int) -> None:
        """Loses the connection."""
        self.take(lambda: self.run.loses_its_connection(client))

    @precondition(_exists)
    @rule(client=CLIENT)
    def purge(self, client: int) -> None:
        """Purges the queue."""
        self.take(lambda: self.run.purges(client))

    @precondition(_exists)
    @rule(client=CLIENT)
    def delete(self, client: int) -> None:
        """Deletes the queue."""
        self.take(lambda: self.run.deletes(client))

    @rule(client=CLIENT)
    def declare(self, client: int) -> None:
        """Declares the queue again."""
        self.take(lambda: self.run.declares(client))

    def teardown(self) -> None:
        """Looks at what is left."""
        self.take(self.run.ends)
