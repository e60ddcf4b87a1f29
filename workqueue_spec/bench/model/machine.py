"""The steps that Hypothesis chooses."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from .run import CLIENTS, ModelRun

CLIENT = st.sampled_from(CLIENTS)
PLACE = st.integers(0, 5)
"""Which of the messages in hand, or of the consumers; a place that is not there counts from the beginning again."""
PREFETCH = st.sampled_from([1, 2, 3, 0])
MOST_CONSUMERS = 2
"""The most consumers of one client."""

Guarded = Callable[[Callable[[], None]], None]
"""Takes a step, and notes if it fails."""


class QueueMachine(RuleBasedStateMachine):
    """Takes steps on a queue of its own. What they must do is checked by the step itself.

    Which rules may be chosen depends on the rules before alone. It must not depend on what the broker did: that may
    be something else when Hypothesis takes the same steps again, and then Hypothesis gives up. What would end too
    many examples early (a lost client, a deleted queue) shares a rule.
    """

    def __init__(self, run: ModelRun, guarded: Guarded, *, restarts: bool) -> None:
        """`restarts`: whether the broker may be restarted once."""
        super().__init__()
        self.run = run
        self.take = guarded
        self.published = self.asked = False
        self.may_restart = restarts

    def _exists(self) -> bool:
        return self.run.model.exists

    def _may_hold(self) -> bool:
        return self.published and self.asked

    @initialize(messages=st.integers(0, 4), client=CLIENT, prefetch=st.sampled_from([None, 1, 2]))
    def begin(self, messages: int, client: int, prefetch: int | None) -> None:
        """Most examples begin with messages on the queue, and many with a consumer that has as many as it may."""
        if messages:
            self._publish(1, messages, persistent=True, mandatory=False)
        if prefetch is not None:
            self._consume(client, prefetch)

    @rule(client=CLIENT, messages=st.integers(1, 3), persistent=st.booleans(), mandatory=st.booleans())
    def publish(self, client: int, messages: int, persistent: bool, mandatory: bool) -> None:
        """Publishes, and waits for the confirms."""
        self._publish(client, messages, persistent=persistent, mandatory=mandatory)

    def _publish(self, client: int, messages: int, *, persistent: bool, mandatory: bool) -> None:
        self.published = True
        self.take(
            lambda: self.run.publishes(client, messages=messages, persistent=persistent, mandatory=mandatory)
        )

    @precondition(_exists)
    @rule(client=CLIENT, prefetch=PREFETCH)
    def consume(self, client: int, prefetch: int) -> None:
        """Subscribes."""
        self._consume(client, prefetch)

    def _consume(self, client: int, prefetch: int) -> None:
        self.asked = True
        mine = [each for each in self.run.model.consumers.values() if each.client == client]
        if len(mine) < MOST_CONSUMERS:
            self.take(lambda: self.run.consumes(client, prefetch=prefetch))

    @precondition(lambda self: self.run.model.consumers)
    @rule(which=PLACE)
    def cancel(self, which: int) -> None:
        """Ends a subscription."""
        everyone = list(self.run.model.consumers.values())
        chosen = everyone[which % len(everyone)]
        mine = [each for each in everyone if each.client == chosen.client]
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
        self._settle(which, lambda client, oldest: self.run.rejects(client, oldest=oldest, requeue=requeue))

    def _settle(self, which: int, settle: Callable[[int, int], None]) -> None:
        """Settles one message in hand, given the client and its place. If nobody holds one, asks for one first."""
        if not self._held() and self._exists():
            self.take(lambda: self.run.fetches(CLIENTS[0]))
        if held := self._held():
            self.take(lambda: settle(*held[which % len(held)]))

    def _held(self) -> list[tuple[int, int]]:
        return [(client, place) for client in CLIENTS for place in range(len(self.run.model.held_by(client)))]

    @rule(
        client=CLIENT,
        how=st.sampled_from(["channel", "connection", "publishing"]),
        messages=st.integers(1, 3),
    )
    def lose(self, client: int, how: str, messages: int) -> None:
        """Loses the channel or the connection of a client."""
        if how == "channel":
            self.take(lambda: self.run.closes_its_channel(client))
        elif how == "connection":
            self.take(lambda: self.run.loses_its_connection(client))
        else:
            self.published = True
            self.take(lambda: self.run.publishes_and_loses_its_connection(client, messages=messages))

    @rule(client=CLIENT, how=st.sampled_from(["declare", "purge", "delete", "delete and declare"]))
    def change_the_queue(self, client: int, how: str) -> None:
        """Purges, deletes or declares the queue. If there is no queue, it is declared."""
        if how == "purge" and self._exists():
            self.take(lambda: self.run.purges(client))
        elif how.startswith("delete") and self._exists():
            self.take(lambda: self.run.deletes(client))
            if how == "delete":
                return
            self.take(lambda: self.run.declares(client))
        else:
            self.take(lambda: self.run.declares(client))

    @precondition(lambda self: self.may_restart and self.run.model.exists)
    @rule(kill=st.booleans())
    def restart_the_broker(self, kill: bool) -> None:
        """Restarts the broker, or kills it."""
        self.may_restart = False
        self.take(lambda: self.run.restarts_the_broker(kill=kill))

    def teardown(self) -> None:
        """Looks at what is left."""
        self.take(self.run.ends)
