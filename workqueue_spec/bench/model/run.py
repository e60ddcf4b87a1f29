"""Steps on a real queue, each compared with the model.

How it works. There are two clients with one channel each, 1 and 2. A method of `ModelRun` is a step: it tells the
model, does the same to the queue, and waits until the queue is at rest: every delivery that the model says is due
has come, and the queue's counts are right. It never waits for a time. What was delivered is read from the history,
which the taps write. A step raises Broken if the queue does what the model does not allow, or does not do what is
due. What is ugly: a queue's counts are no events. So they are asked for after each step, on the channel that acted:
its reply comes after all that the broker sent to that channel before, and the same method leaves in the same
segment.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, Self, cast

from pamqp import base, commands

from ...judgement.ledger import Delivery
from ...judgement.model import Differences, Fate, QueueModel
from ...judgement.model.queue_model import Held
from ...judgement.verdicts import Broken, Moment
from ...judgement.verdicts.settlement import came
from ...timeouts import ON_DISK, POLL
from ..bench import Bench
from ..broker_profiles import BrokerProfile
from ..parties.plain_client import PlainClient, message
from .steps import Step

CLIENTS = (1, 2)
Given = ParamSpec("Given")


def differences(profile: BrokerProfile) -> Differences:
    """What the model needs of the profile."""
    return Differences(
        nacked_goes=profile.nacked_goes,
        returned_goes=profile.returned_goes,
        keeps_transient=profile.keeps_transient,
        counts_holders=profile.counts_holders,
    )


def step(
    method: "Callable[Concatenate[ModelRun, Given], None]",
) -> "Callable[Concatenate[ModelRun, Given], None]":
    """Notes the step before it is taken."""

    @functools.wraps(method)
    def noted(run: "ModelRun", *arguments: Given.args, **keywords: Given.kwargs) -> None:
        run.steps.append(Step(method.__name__, arguments, keywords))
        run.note(run.steps[-1])
        method(run, *arguments, **keywords)

    return cast("Callable[Concatenate[ModelRun, Given], None]", noted)


class ModelRun:
    """One queue, the model beside it, and two clients that act on it."""

    def __init__(self, bench: Bench, clients: Sequence[PlainClient], queue: str, *, noting: bool) -> None:
        """Makes the queue, and one for its dead letters. With `noting` each step is an event of the history."""
        self.model = QueueModel(differences(bench.broker_profile))
        self.steps: list[Step] = []
        self._bench = bench
        self._clients = dict(zip(CLIENTS, clients, strict=True))
        self._told = {number: len(client.ledger.deliveries) for number, client in self._clients.items()}
        """How many deliveries to each client the model was told of."""
        self._queue, self._dead = queue, f"{queue} dead"
        self._noting = noting
        self._consumers = 0
        first = self._clients[1]
        first.asks([self._declaration(), self._declaration_of_dead()], "Queue.DeclareOk", 2)
        self._declared_at = bench.history.now

    @classmethod
    def on(cls, bench: Bench, queue: str = "queue") -> Self:
        """A run with new clients on this bench."""
        return cls(bench, [bench.connect_plainly() for _ in CLIENTS], queue, noting=True)

    def can_take(self, wanted: Step) -> bool:
        """Whether there is now what the step acts on."""
        match wanted.name:
            case "acknowledges" | "nacks" | "rejects":
                return bool(wanted.keywords.get("oldest", 0) < len(self.model.held_by(*wanted.arguments)))
            case "cancels":
                return bool(wanted.keywords.get("consumer", 0) < len(self._tags(*wanted.arguments)))
            case "consumes" | "fetches" | "purges" | "deletes" | "restarts_the_broker":
                return self.model.exists
        return True

    def note(self, taken: Step) -> None:
        """Puts the step into the history."""
        if self._noting:
            self._bench.history.add("suite", "step", str(taken))

    # Steps

    @step
    def publishes(
        self, client: int, *, messages: int = 1, persistent: bool = True, mandatory: bool = False
    ) -> None:
        """The client publishes messages at once, and waits for their confirms."""
        made = self.model.publishes(client, messages, persistent=persistent, mandatory=mandatory)
        acting, before = self._clients[client], len(self._clients[client].ledger.publications)
        acting.sends(*(self._message(each.number, persistent, mandatory) for each in made))
        acting.waits(
            lambda: (
                all(
                    each.confirmed_by is not None
                    for each in acting.ledger.publications[before : before + messages]
                )
                and len(acting.ledger.publications) >= before + messages
            ),
            f"{messages} messages confirmed to client {client}",
        )
        published = acting.ledger.publications[before:]
        for each, sent in zip(made, published, strict=True):
            if sent.confirmed_by == "Basic.Nack":
                self.model.is_nacked(each.number)
        if mandatory:
            returned = {each.body for each in acting.ledger.replies if each.what == "Basic.Return"}
            for each in made:
                self._check_return(client, each.number, returned)
        self._comes_to_rest(client)

    def _check_return(self, client: int, number: int, returned: set[bytes]) -> None:
        came_back, routable = self._text(number) in returned, self.model.exists
        if came_back and routable:
            raise Broken(f"message {number} put on the queue", f"it was returned to client {client}")
        if not came_back and not routable:
            raise Broken(f"message {number} returned to client {client}", "confirmed and not returned")

    @step
    def publishes_and_loses_its_connection(
        self, client: int, *, messages: int = 1, persistent: bool = True
    ) -> None:
        """The client publishes messages, and loses its connection before it has waited for their confirms."""
        made = self.model.publishes_without_confirm(client, messages, persistent=persistent)
        self._clients[client].sends(*(self._message(each.number, persistent, False) for each in made))
        self._loses(client)

    @step
    def consumes(self, client: int, *, prefetch: int) -> None:
        """The client subscribes; with a prefetch of 0 there is no limit."""
        self._consumers += 1
        tag = f"consumer {self._consumers}"
        self.model.consumes(client, tag, prefetch)
        self._comes_to_rest(
            client, commands.Basic.Qos(0, prefetch), commands.Basic.Consume(0, self._queue, consumer_tag=tag)
        )

    @step
    def cancels(self, client: int, *, consumer: int = 0) -> None:
        """The client ends one of its subscriptions, counted from 0, the oldest first."""
        tag = self._tags(client)[consumer]
        self.model.cancels(client, tag)
        self._comes_to_rest(client, commands.Basic.Cancel(tag))

    def _tags(self, client: int) -> list[str]:
        return [each.tag for each in self.model.consumers.values() if each.client == client]

    @step
    def fetches(self, client: int) -> None:
        """The client asks for one message."""
        self.model.fetches()
        acting = self._clients[client]
        nothing = len(self._bench.history.events_of(acting.name, "Basic.GetEmpty"))
        self._counts(client, self._queue, commands.Basic.Get(0, self._queue))
        self._read()
        if len(self._bench.history.events_of(acting.name, "Basic.GetEmpty")) > nothing:
            self.model.found_nothing()
        self._comes_to_rest(client)

    @step
    def acknowledges(self, client: int, *, oldest: int = 0, multiple: bool = False) -> None:
        """The client acknowledges what it holds at this place, the oldest first; `multiple`: and all before."""
        settled = self._held(client, oldest, multiple)
        self.model.acknowledges(settled)
        self._comes_to_rest(client, commands.Basic.Ack(settled[-1].tag, multiple))

    @step
    def nacks(self, client: int, *, oldest: int = 0, multiple: bool = False, requeue: bool = True) -> None:
        """The same with basic.nack. Without `requeue`, what it gives back becomes a dead letter."""
        settled = self._held(client, oldest, multiple)
        self._gives_back(client, settled, requeue, commands.Basic.Nack(settled[-1].tag, multiple, requeue))

    @step
    def rejects(self, client: int, *, oldest: int = 0, requeue: bool = True) -> None:
        """The client gives back one message that it holds by basic.reject, or makes it a dead letter."""
        settled = self._held(client, oldest, multiple=False)
        self._gives_back(client, settled, requeue, commands.Basic.Reject(settled[-1].tag, requeue))

    def _held(self, client: int, oldest: int, multiple: bool) -> list[Held]:
        held = self.model.held_by(client)
        return held[: oldest + 1] if multiple else [held[oldest]]

    def _gives_back(self, client: int, settled: Sequence[Held], requeue: bool, method: base.Frame) -> None:
        if requeue:
            self.model.requeues(settled)
        else:
            self.model.dead_letters(settled)
        self._comes_to_rest(client, method)
        if not requeue:
            self._dead_letters_come(client)

    @step
    def closes_its_channel(self, client: int) -> None:
        """The client closes its channel and opens another one."""
        self.model.loses_client(client)
        self._clients[client].closes_its_channel()
        self._clients[client].opens_its_channel()
        self._comes_to_rest(client)

    @step
    def loses_its_connection(self, client: int) -> None:
        """The client's connection is cut, and the client connects again."""
        self._loses(client)

    def _loses(self, client: int) -> None:
        self._clients[client].drops_its_connection()
        self._read(client)  # what came to it before
        self.model.loses_client(client)
        self._clients[client].connects()
        self._comes_to_rest(client)

    @step
    def purges(self, client: int) -> None:
        """The client purges the queue."""
        self._removes(client, commands.Queue.Purge(0, self._queue), "Queue.PurgeOk")
        self.model.purges()
        self._comes_to_rest(client)

    @step
    def deletes(self, client: int) -> None:
        """The client deletes the queue. Who consumed or held messages opens a new channel."""
        holders = {each.client for each in self.model.held.values()} | {
            each.client for each in self.model.consumers.values()
        }
        self._removes(client, commands.Queue.Delete(0, self._queue), "Queue.DeleteOk")
        self.model.deletes()
        for holder in sorted(holders):
            # What it held of this queue would be settled together with what it gets from a new queue of that name.
            self._clients[holder].closes_its_channel()
            self._clients[holder].opens_its_channel()

    def _removes(self, client: int, method: base.Frame, reply: str) -> None:
        acting = self._clients[client]
        acting.asks([method], reply)
        removed: int = getattr(acting.last(reply), "message_count", 0) or 0
        least = len(self.model.line)
        most = least + len(self.model.of(Fate.UNCERTAIN))
        if not least <= removed <= most:
            expected = f"{least}" if least == most else f"{least} to {most}"
            raise Broken(f"{expected} messages removed", f"{removed}", Moment(acting.name, None, reply))

    @step
    def declares(self, client: int) -> None:
        """The client declares the queue as it was declared before."""
        self.model.is_declared()
        self._clients[client].asks([self._declaration()], "Queue.DeclareOk")
        self._declared_at = self._bench.history.now
        self._comes_to_rest(client)

    @step
    def restarts_the_broker(self, *, kill: bool) -> None:
        """The broker is restarted, or killed and started, and both clients connect again. The dead letters are
        looked at before: a killed broker may lose them.
        """
        self._fetches_the_dead(self._clients[1])
        self.model.dead_letters_are_fetched()
        if kill:
            history = self._bench.history
            history.wait(lambda _: False, max(0.0, self._declared_at + ON_DISK - history.now))
            self._bench.kill_broker()
        else:
            self._bench.restart_application()
        for number, client in self._clients.items():
            client.drops_its_connection()
            # While a broker ends, it may still give one client what another one held.
            self._told[number] = len(client.ledger.deliveries)
            client.connects()
        self.model.is_restarted(killed=kill)
        self._clients[1].asks([commands.Queue.Purge(0, self._dead)], "Queue.PurgeOk")
        self._comes_to_rest(1)

    @step
    def ends(self) -> None:
        """Fetches all that is ready, and all dead letters, and deletes both queues: nothing may be missing."""
        acting, deleted = self._clients[1], []
        if self.model.exists:
            self._fetches_the_rest()
            deleted.append(commands.Queue.Delete(0, self._queue))
        self._fetches_the_dead(acting)
        deleted.append(commands.Queue.Delete(0, self._dead))
        acting.asks(deleted, "Queue.DeleteOk", len(deleted))

    # How it is done

    def _fetches_the_rest(self) -> None:
        asked = len(self.model.line) + len(self.model.of(Fate.UNCERTAIN)) + 1
        self._counts(1, self._queue, *[commands.Basic.Get(0, self._queue)] * asked)
        self._read()
        self.model.found_nothing()

    def _fetches_the_dead(self, acting: PlainClient) -> None:
        dead = [self._text(each.number) for each in self.model.of(Fate.DEAD_LETTERED)]
        before = len(acting.ledger.deliveries)
        gets = [commands.Basic.Get(0, self._dead, no_ack=True)] * (len(dead) + 1)
        acting.asks([*gets, commands.Queue.Declare(0, self._dead, passive=True)], "Queue.DeclareOk")
        found = [each for each in acting.ledger.deliveries[before:] if each.queue == self._dead]
        for each in found:
            if each.body in dead:
                dead.remove(each.body)
            else:
                raise Broken(
                    "each dead letter once", f"{_named(each.body)} once more, or wrongly", came(each)
                )
        if dead:
            raise Broken(f"{_named(dead[0])} among the dead letters", "it is not there")

    def _comes_to_rest(self, client: int, *methods: base.Frame) -> None:
        """Sends the methods, and waits until what is due has come and the counts are right. Raises Broken if that
        does not happen.
        """
        acting, history = self._clients[client], self._bench.history
        if not self.model.exists:
            acting.sends(*methods)
            return
        deadline = history.now + acting.patience
        while True:
            ready, consumers = self._counts(client, self._queue, *methods)
            methods = ()
            self._read()
            wrong = self.model.miscounted(ready, consumers)
            if not self.model.due and wrong is None:
                return
            if history.now > deadline:
                raise wrong or self._what_is_due()
            self._waits_for_an_event()

    def _waits_for_an_event(self) -> None:
        seen = len(self._bench.history.events)
        self._bench.history.wait(lambda events: len(events) > seen, POLL)

    def _what_is_due(self) -> Broken:
        free = " or ".join(f"client {each}" for each in CLIENTS if self._tags(each))
        message = " or ".join(f"message {each}" for each in sorted(self.model.line.next()))
        return Broken(
            f"{message} delivered to {free}", "it is not delivered, though there is a free consumer"
        )

    def _dead_letters_come(self, client: int) -> None:
        """Waits until all dead letters are in their queue."""
        acting, history = self._clients[client], self._bench.history
        expected = len(self.model.of(Fate.DEAD_LETTERED))
        deadline = history.now + acting.patience
        while (ready := self._counts(client, self._dead)[0]) != expected:
            if history.now > deadline or ready > expected:
                raise Broken(
                    f"{expected} dead letters", f"{ready}", Moment(acting.name, None, "Queue.DeclareOk")
                )
            history.wait(lambda _: False, POLL / 10)  # that a queue gets a message is no event

    def _counts(self, client: int, queue: str, *methods: base.Frame) -> tuple[int, int]:
        """Sends the methods. Returns how many messages are ready on the queue, and how many consumers it has."""
        acting = self._clients[client]
        acting.asks([*methods, commands.Queue.Declare(0, queue, passive=True)], "Queue.DeclareOk")
        declared = acting.last("Queue.DeclareOk")
        assert isinstance(declared, commands.Queue.DeclareOk)
        return declared.message_count or 0, declared.consumer_count or 0

    def _read(self, *clients: int) -> None:
        """Tells the model what was delivered to these clients, or to all, since it was told last."""
        for number in clients or CLIENTS:
            book = self._clients[number].ledger
            for each in book.deliveries[self._told[number] :]:
                self._told[number] += 1
                if each.queue in (self._queue, "") and each.body.startswith(self._prefix):
                    self._tell(number, each)

    def _tell(self, client: int, delivery: Delivery) -> None:
        self.model.is_delivered(
            client,
            delivery.tag,
            int(delivery.body.removeprefix(self._prefix)),
            redelivered=delivery.redelivered,
            consumer=delivery.consumer_tag,
            seen=came(delivery),
        )

    @property
    def _prefix(self) -> bytes:
        return f"message of {self._queue}: ".encode()

    def _text(self, number: int) -> bytes:
        return self._prefix + str(number).encode()

    def _message(self, number: int, persistent: bool, mandatory: bool) -> bytes:
        return message(self._queue, self._text(number), persistent=persistent, mandatory=mandatory)

    def _declaration(self) -> commands.Queue.Declare:
        type_ = self._bench.setting.queue_type
        arguments: dict[str, Any] = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": self._dead}
        if type_ == "quorum":
            arguments["x-queue-type"] = "quorum"
        return commands.Queue.Declare(0, self._queue, durable=True, arguments=arguments)

    def _declaration_of_dead(self) -> commands.Queue.Declare:
        return commands.Queue.Declare(0, self._dead, durable=True)


def _named(body: bytes) -> str:
    return f"message {body.rpartition(b' ')[2].decode(errors='replace')}"
