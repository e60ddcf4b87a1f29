"""The messages of the program's own producer, for a suite that has to send tasks in the same envelope."""

from collections.abc import Sequence

from ..judgement.verdicts import NotJudged
from ..programs.envelope import Message, message_of
from .bench import Bench
from .parties import ProducerRun


def published_by_the_producer(bench: Bench, texts: Sequence[str]) -> list[Message]:
    """What the producer under test publishes for each of the texts, in a run each, all at the same time.

    If it publishes nothing, a worker may have to declare the queue first, so it gets a second chance. Raises
    NotJudged if it publishes nothing then either.
    """
    for prepare in (None, bench.start_worker):
        if prepare is not None:
            prepare().kill()
        found = [run.ledger.carrying(text.encode()) for text, run in _run_producers(bench, texts)]
        if all(found):
            return [message_of(publications[0]) for publications in found]
    raise NotJudged("tasks are to be wrapped by the program's own producer, and it publishes none")


def _run_producers(bench: Bench, texts: Sequence[str]) -> list[tuple[str, ProducerRun]]:
    runs = [(text, bench.produce(*text.split(" "))) for text in texts]
    for _, run in runs:
        run.ends_in_time()
        run.process.end()
    return runs
