"""Tasks: made, and put on the queue under test by the suite itself."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pika.exceptions
from pika.adapters.blocking_connection import BlockingChannel, ReturnedMessage

from ..judgement.tasks import Task, new_task
from ..judgement.verdicts import Broken, NotJudged
from ..judgement.verdicts.settlement import held_for
from ..programs.envelope import Message
from ..timeouts import EVENTUALLY
from .broker_profiles import loses_confirms
from .world import World


class Sending(World):
    """Makes tasks and sends them to the worker under test, as its producer would."""

    @property
    def work(self) -> list[tuple[Task, float]]:
        """The tasks that it has made, each with the seconds that its work takes."""
        return [(task, task.dots * self.subject.seconds_per_dot) for task in self._tasks]

    def task(self, dots: int = 0, *, words: int | None = None, also: str = "", failing: bool = False) -> Task:
        """A new task, not sent yet, with this many dots and words. `also` is one more word of its text. If it is
        `failing`, its message is another one, or its text has one more word.
        """
        if failing and self.subject.failing_message is None:
            also = f"{also} {self.subject.failing_word}".strip()
        task = new_task(dots, random=self.random, words=words, also=also, failing=failing)
        self._tasks.append(task)
        return task

    def message(self, task: Task) -> Message:
        """The message that carries the task to the worker under test."""
        usual, failing = self.subject.message, self.subject.failing_message
        carrier = failing if task.failing and failing is not None else usual
        if carrier is None:
            return self._wrap(task.text)
        return carrier.carrying(task, task.dots * self.subject.seconds_per_dot)

    def send(
        self,
        dots: int = 0,
        *,
        words: int | None = None,
        also: str = "",
        properties: Mapping[str, Any] = MappingProxyType({}),
        with_id: bool = False,
        failing: bool = False,
        queue: str | None = None,
    ) -> Task:
        """Puts a new task on the queue under test, or on another `queue` of the worker. Its message has these
        properties beside those that the producer sets. With `with_id` it has a `message_id` that no other message
        has, unless the producer sets one. `also` and `failing` as for `task`.
        """
        task = self.task(dots, words=words, also=also, failing=failing)
        given = {**_id_of(task, with_id), **properties}
        shown = f"{task}, with {', '.join(given)}" if given else str(task)
        self.put(self.message(task).with_also(given), shown=shown, queue=queue)
        return task

    def send_together(self, *dots: int, with_id: bool = False) -> list[Task]:
        """Puts new tasks on the queue, one right after the other: all the messages are made before the first is
        put. `with_id` as for `send`.
        """
        tasks = [self.task(each) for each in dots]
        messages = [self.message(task).with_also(_id_of(task, with_id)) for task in tasks]
        for task, message in zip(tasks, messages, strict=True):
            self.put(message, shown=str(task))
        return tasks

    def send_handful(self, dots: int, *, behind: int | None = None, with_id: bool = False) -> list[Task]:
        """Puts so many tasks on the queue that they fill a worker: as many as it may work on at once, with this
        many dots, and as many again behind them, if it may hold them, with `behind` dots (by default `dots`). If it
        may hold one task, it is one task. `with_id` as for `send`.
        """
        at_work = self.subject.concurrency
        waiting = self.subject.handful - at_work
        return self.send_together(
            *[dots] * at_work, *[dots if behind is None else behind] * waiting, with_id=with_id
        )

    def send_failing(
        self,
        dots: int = 0,
        *,
        words: int | None = None,
        also: str = "",
        properties: Mapping[str, Any] = MappingProxyType({}),
        with_id: bool = False,
    ) -> Task:
        """Puts a task on the queue that always fails. Raises NotJudged if no task fails in this program.
        `also`, `properties` and `with_id` as for `send`.
        """
        if not self.subject.has_failing_tasks:
            raise NotJudged("no task can be made to fail in this program")
        return self.send(dots, words=words, also=also, properties=properties, with_id=with_id, failing=True)

    def send_endless(self, *, with_id: bool = False) -> Task:
        """Puts a task on the queue that takes longer than anything the test waits for. `with_id` as for `send`."""
        return self.send(self.endless, with_id=with_id)

    @property
    def endless(self) -> int:
        """The dots of a task that takes longer than anything the test waits for."""
        return self.subject.dots(4 * EVENTUALLY)

    def are_still_endless(self, tasks: Iterable[Task]) -> None:
        """Raises NotJudged if one of these endless tasks was done meanwhile, on a slow machine."""
        for task in tasks:
            seconds = task.dots * self.subject.seconds_per_dot
            if any(held_for(seconds, each) for each in self.ledger.of(task.mark)):
                raise NotJudged(
                    f"the test took longer than a task of {seconds:.0f} s: the machine is too slow"
                )

    def put(self, message: Message, *, shown: str = "", queue: str | None = None) -> None:
        """Puts any message on the queue under test, or on another `queue` by its name. Raises Broken if it reaches
        no queue. The history shows `shown`.
        """
        self.load_definitions()
        exchange, key = self._way() if queue is None else ("", queue)
        try:
            with self.control.channel() as channel:
                if loses_confirms(self.broker.product):
                    self._put_without_confirm(channel, exchange, key, message)
                else:
                    channel.confirm_delivery()
                    channel.basic_publish(exchange, key, message.body, message.as_pika(), mandatory=True)
        except (pika.exceptions.UnroutableError, pika.exceptions.ChannelClosedByBroker) as error:
            if not exchange:
                raise Broken(f"the queue '{key}' is there", "no such queue") from error
            expected = (
                f"'{self.subject.queue}' bound to the exchange '{exchange}' for the routing key '{key}'"
            )
            raise Broken(expected, "a task that is published so reaches no queue") from error
        self.history.add("suite", "sent", shown or repr(message.body[:60]))

    def _put_without_confirm(
        self, channel: BlockingChannel, exchange: str, key: str, message: Message
    ) -> None:
        """Puts the message there, and waits until the broker has dealt with it. Raises UnroutableError if it came
        back. That it is stored is not known.
        """
        returned: list[ReturnedMessage] = []
        channel.add_on_return_callback(lambda _, *parts: returned.append(ReturnedMessage(*parts)))
        channel.basic_publish(exchange, key, message.body, message.as_pika(), mandatory=True)
        channel.exchange_declare("amq.direct", passive=True)
        channel.connection.process_data_events(time_limit=0)
        if returned:
            raise pika.exceptions.UnroutableError(returned)

    def _way(self) -> tuple[str, str]:
        """The exchange and the routing key with which a task is sent: those of the producer, if a program or the
        definitions have bound a queue to this exchange. If nobody has, that is up to a producer that has not run
        yet, and the task goes to the queue by its name.
        """
        exchange, _ = self.subject.route
        definitions = self.subject.definitions
        bound = {each.exchange for each in self.history.ledger().bindings}
        if definitions is not None:
            bound |= {each.source for each in definitions.bindings}
        return self.subject.route if exchange in bound else ("", self.subject.queue)


def _id_of(task: Task, with_id: bool) -> dict[str, str]:
    """The properties that give the task's message a `message_id` of its own, if it is to have one."""
    return {"message_id": f"id of {task.token}"} if with_id else {}
