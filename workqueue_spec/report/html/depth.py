"""How many messages wait in the queue, as far as a timeline shows it."""

from .timeline import OF_THE_PROGRAM, Ending, Timeline


def depth(shown: Timeline) -> tuple[tuple[float, int], ...]:
    """The depth of the queue from which most was delivered: each moment at which it changed, with the new number.

    The line ends where the broker went away, since it may have lost something. Empty if the timeline does not show
    the depth: if events are left out, if nothing was delivered, if more was delivered than was published, or if
    nothing waited.
    """
    queues = [each.queue for each in shown.bars if each.queue]
    if shown.left_out or not queues:
        return ()
    queue = max(queues, key=queues.count)
    until = min((each.start for each in shown.outages), default=shown.end)
    changes = [
        (each.at, each.number, 1)
        for each in shown.marks
        if each.task and each.queue in (queue, OF_THE_PROGRAM)
    ]
    for bar in shown.bars:
        if bar.queue == queue:
            changes.append((bar.start, bar.number, -1))
            if bar.ending in (Ending.REQUEUED, Ending.TAKEN_BACK) and bar.end is not None:
                changes.append((bar.end, bar.number, 1))
    waiting, steps = 0, {shown.start: 0}
    # What goes into the queue at a moment was there before what was delivered at that moment.
    for at, _, change in sorted(changes, key=lambda each: (each[0], -each[2], each[1])):
        if at > until:
            break
        waiting += change
        if waiting < 0:
            return ()
        steps[at] = waiting
    return tuple(steps.items()) if any(steps.values()) else ()
