"""The model of one queue with its clients: what was done to it, what it must do, and what it may do.

How it works. Whoever drives a real queue tells the model each step before it is taken, and then each delivery that
is seen. The model raises Broken at a delivery that a queue must not make. `due` says how many deliveries must still
come, and `miscounted` compares the queue's own counts. When nothing is due and the counts are right, the queue is
at rest: then there is no ready message, or no consumer that may take one. The model relies on that at the next
step.

What is uncertain is not judged: a message without a confirm may come or not. If several consumers could have got a
message, then it is checked that the message may come, and not whether it comes first.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ..verdicts import Broken, Moment
from ..verdicts.ordering import Place
from .differences import Differences
from .line import Line
from .messages import Fate, Message


@dataclass(frozen=True)
class Held:
    """A message in a client's hand."""

    client: int
    tag: int
    number: int
    consumer: str | None
    """None if it was fetched."""


@dataclass
class Consumer:
    """A consumer, and the most messages that it may hold."""

    client: int
    tag: str
    prefetch: int
    """0 means no limit."""


class QueueModel:
    """One queue, its clients, and all messages that were published to it."""

    def __init__(self, differences: Differences) -> None:
        self.differences = differences
        self.messages: dict[int, Message] = {}
        self.exists = True
        self.line = Line()
        self.held: dict[tuple[int, int], Held] = {}
        """What the clients hold, by client and delivery tag, the oldest first."""
        self.consumers: dict[tuple[int, str], Consumer] = {}
        """By client and consumer tag."""
        self._ordered = True
        """Whether in this step the order of deliveries to consumers is known."""
        self._lost_a_client = False
        self._just_ended: set[tuple[int, str]] = set()
        """The subscriptions that ended in this step. Nobody knows when an uncertain message comes, so one may still
        cross the end."""
        self._just_lost = False
        """Whether they ended because their client was lost."""

    # What is asked

    def of(self, *fates: Fate) -> list[Message]:
        """The messages with one of these fates."""
        return [each for each in self.messages.values() if each.fate in fates]

    def held_by(self, client: int) -> list[Held]:
        """What the client holds, the oldest first."""
        return [each for each in self.held.values() if each.client == client]

    @property
    def due(self) -> int:
        """How many deliveries to consumers must still come."""
        return int(min(len(self.line), sum(self._room(each) for each in self.consumers.values())))

    def _room(self, consumer: Consumer) -> float:
        if not consumer.prefetch:
            return math.inf
        return max(0, consumer.prefetch - self._in_hand(consumer))

    def _in_hand(self, consumer: Consumer) -> int:
        held = self.held.values()
        return sum(each.client == consumer.client and each.consumer == consumer.tag for each in held)

    def miscounted(self, ready: int, consumers: int) -> Broken | None:
        """What is wrong with the counts of the queue at rest; None if they are right."""
        least = len(self.line)
        most = least + len(self.of(Fate.UNCERTAIN))
        if not least <= ready <= most:
            return Broken(f"{_range(least, most)} ready on the queue{self._sum()}", f"{ready} ready")
        fewest = len(self.consumers)
        holders = {(each.client, each.consumer or each.tag) for each in self.held.values()}
        extra = len(holders - self.consumers.keys()) if self.differences.counts_holders is not False else 0
        if not fewest <= consumers <= fewest + extra:
            return Broken(f"{_range(fewest, fewest + extra)} consumers on the queue", f"{consumers}")
        return None

    def _sum(self) -> str:
        """What became of all that was published, in words."""
        parts = [(fate, len(self.of(fate))) for fate in Fate]
        return f": {len(self.messages)} published = " + " + ".join(f"{n} {fate}" for fate, n in parts if n)

    # What is done

    def publishes(self, client: int, count: int, *, persistent: bool, mandatory: bool) -> list[Message]:
        """Messages are published, and the broker is going to confirm them."""
        self._begins()
        made = [self._new(client, persistent, mandatory) for _ in range(count)]
        for each in made:
            if self.exists:
                self.line.append(each.number)
        return made

    def _new(self, client: int, persistent: bool, mandatory: bool) -> Message:
        fate = Fate.READY if self.exists else Fate.UNROUTABLE
        message = Message(len(self.messages) + 1, client, persistent, mandatory, fate)
        self.messages[message.number] = message
        return message

    def is_nacked(self, number: int) -> None:
        """The broker did not take a message: it may come or not."""
        if self.messages[number].fate is Fate.READY:
            self._makes_uncertain([self.messages[number]])

    def publishes_without_confirm(self, client: int, count: int, *, persistent: bool) -> list[Message]:
        """Messages are published, and the client is going to be lost before they are confirmed."""
        self._begins()
        made = [self._new(client, persistent, mandatory=False) for _ in range(count)]
        self._makes_uncertain(made)  # if there is no queue now, there may be one when the broker reads them
        return made

    def consumes(self, client: int, tag: str, prefetch: int) -> None:
        """A client subscribes."""
        self._begins()
        self.consumers[client, tag] = Consumer(client, tag, prefetch)
        self._ordered = self._ordered and len(self.consumers) <= 1

    def cancels(self, client: int, tag: str) -> None:
        """A client ends its subscription. It keeps what it holds."""
        self._begins()
        del self.consumers[client, tag]
        self._just_ended.add((client, tag))

    def fetches(self) -> None:
        """A client is going to ask for one message."""
        self._begins()

    def found_nothing(self) -> None:
        """The broker says to a fetch that there is no message. Raises Broken if there must be one."""
        if len(self.line):
            numbers = ", ".join(str(each) for each in sorted(self.line.next()))
            raise Broken(f"message {numbers} fetched", "the queue has none", Moment(what="Basic.GetEmpty"))

    def acknowledges(self, settled: Sequence[Held]) -> None:
        """A client acknowledges messages, with one method."""
        self._begins(settled)
        self._settle(settled, Fate.ACKNOWLEDGED)

    def dead_letters(self, settled: Sequence[Held]) -> None:
        """A client rejects messages for good, with one method."""
        self._begins(settled)
        self._settle(settled, Fate.DEAD_LETTERED)

    def requeues(self, settled: Sequence[Held]) -> None:
        """A client gives messages back, with one method."""
        self._begins(settled)
        self._settle(settled, Fate.READY)
        self._give_back(settled, self.differences.nacked_goes)

    def _give_back(self, returned: Sequence[Held], place: Place | None) -> None:
        numbers = [each.number for each in returned]
        placed = [each for each in numbers if self.messages[each].placed]
        self.line.give_back(placed, place)
        self.line.add_anywhere(set(numbers) - set(placed))

    def _settle(self, settled: Sequence[Held], fate: Fate) -> None:
        for each in settled:
            del self.held[each.client, each.tag]
            self.messages[each.number].fate = fate

    def loses_client(self, client: int) -> None:
        """The channel or the connection of a client has ended: its consumers are gone, what it held is ready."""
        self._begins()
        mine = self.held_by(client)
        self._just_ended.update(key for key in self.consumers if key[0] == client)
        self.consumers = {key: each for key, each in self.consumers.items() if each.client != client}
        self._settle(mine, Fate.READY)
        self._give_back(mine, self.differences.returned_goes)
        self._lost_a_client = self._just_lost = True
        for each in self.of(Fate.READY, Fate.UNCERTAIN):
            each.may_be_marked = True

    def purges(self) -> None:
        """The queue is purged of what is ready."""
        self._begins()
        self._removes_ready(Fate.PURGED)

    def deletes(self) -> None:
        """The queue is deleted, with its consumers and its messages."""
        self._begins()
        self.exists = False
        self._removes_ready(Fate.DELETED)
        for message in self.of(Fate.HELD):
            message.fate = Fate.DELETED
        self.held.clear()
        self.consumers.clear()

    def dead_letters_are_fetched(self) -> None:
        """All dead letters are fetched from their queue."""
        for message in self.of(Fate.DEAD_LETTERED):
            message.fate = Fate.ACKNOWLEDGED

    def is_restarted(self, *, killed: bool) -> None:
        """The broker went away with all its clients, and is back: what was held is ready, and what was transient is
        there if the queue keeps it. If the broker was killed, what was settled or purged may be ready again.
        """
        self._begins()
        held = list(self.held.values())
        self.consumers.clear()
        self._settle(held, Fate.READY)
        # Clients that are lost together have no order, unless the age of the messages gives one.
        self._give_back(held, Place.OLD if self.differences.returned_goes is Place.OLD else None)
        if killed:
            self._makes_uncertain(self.of(Fate.ACKNOWLEDGED, Fate.PURGED))
        self._loses_what_is_transient()
        for each in self.of(Fate.READY, Fate.UNCERTAIN):
            each.deliveries, each.may_be_marked = 0, True  # a broker may forget what it has delivered

    def _loses_what_is_transient(self) -> None:
        transient = [each for each in self.of(Fate.READY) if not each.persistent]
        if self.differences.keeps_transient is None:
            self._makes_uncertain(transient)
        elif not self.differences.keeps_transient:
            for each in transient:
                self.line.take(each.number)
                each.fate = Fate.LOST

    def _removes_ready(self, fate: Fate) -> None:
        for number in list(self.line):
            self.messages[number].fate = fate
        self.line = Line()

    def is_declared(self) -> None:
        """The queue is declared as it was before: that makes it, or changes nothing."""
        self._begins()
        self.exists = True

    def _makes_uncertain(self, messages: Iterable[Message]) -> None:
        for message in messages:
            message.fate, message.placed = Fate.UNCERTAIN, False
            self.line.take(message.number)

    def _begins(self, settled: Collection[Held] = ()) -> None:
        """A step begins. Messages of several consumers that are settled by one method are settled one consumer
        after the other, and a delivery may come in between.
        """
        self._just_ended.clear()
        self._just_lost = False
        of_one = len({each.consumer for each in settled}) <= 1
        self._ordered = of_one and len(self.consumers) <= 1

    # What is seen

    def is_delivered(
        self, client: int, tag: int, number: int, *, redelivered: bool, consumer: str | None, seen: Moment
    ) -> None:
        """A message is delivered to a consumer, or to a fetch if `consumer` is None. Raises Broken if it must not
        be delivered now, or not to this consumer, or not like this. `seen` is its event.
        """
        message = self.messages.get(number)
        if message is None:
            raise Broken("a message that was published to this queue", f"message {number}", seen)
        to = f"{message} {'fetched by' if consumer is None else 'delivered to'} client {client}"
        if message.fate not in (Fate.READY, Fate.UNCERTAIN):
            raise Broken("a message that is ready", f"{to}; it is {self._whose(message)}", seen)
        crosses = consumer is not None and (client, consumer) in self._just_ended
        if crosses and message.fate is Fate.UNCERTAIN:
            if self._just_lost:
                message.may_be_marked = True
                return
        elif consumer is not None:
            self._check_consumer(client, consumer, to, seen)
        ordered = consumer is None or self._ordered
        first = self.line.next()
        if ordered and message.fate is Fate.READY and number not in first:
            expected = " or ".join(f"message {each}" for each in sorted(first))
            raise Broken(f"{expected} first", to, seen)
        self._check_mark(message, redelivered, to, seen)
        if message.fate is Fate.UNCERTAIN:
            message.may_be_marked = True
        self.line.take(number)
        message.fate = Fate.HELD
        message.deliveries += 1
        self.held[client, tag] = Held(client, tag, number, consumer)

    def _whose(self, message: Message) -> str:
        holders = [each.client for each in self.held.values() if each.number == message.number]
        return f"held by client {holders[0]}" if holders else str(message.fate)

    def _check_consumer(self, client: int, tag: str, to: str, seen: Moment) -> None:
        consumer = self.consumers.get((client, tag))
        if consumer is None:
            raise Broken(f"no delivery to client {client}, which has no such subscription", to, seen)
        if not self._room(consumer):
            limit = f"at most {consumer.prefetch} messages in the hand of client {client}"
            raise Broken(limit, f"{to}, one more than that", seen)

    def _check_mark(self, message: Message, redelivered: bool, to: str, seen: Moment) -> None:
        if message.fate is Fate.UNCERTAIN:
            return
        if message.deliveries and not redelivered:
            raise Broken(f"{message} marked as redelivered", f"{to} without that mark", seen)
        if redelivered and not message.deliveries and not message.may_be_marked and not self._lost_a_client:
            raise Broken(f"{message} not marked as redelivered", f"{to} for the first time, marked", seen)


def _range(least: int, most: int) -> str:
    return f"{least}" if least == most else f"{least} to {most}"
