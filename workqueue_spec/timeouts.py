"""The timeouts of the suite. They scale together, and no other wait has a timeout.

On a busy or emulated machine, set WORKQUEUE_SPEC_PATIENCE to a factor above 1.
"""

import os

_FACTOR = float(os.environ.get("WORKQUEUE_SPEC_PATIENCE", "1"))

EVENTUALLY = 15.0 * _FACTOR
"""Seconds within which a promised event must come. The broker answers in milliseconds; the rest is a margin for a
machine that runs other programs. A longer wait costs nothing if the promise is kept."""

QUIET = 0.4 * _FACTOR
"""Seconds for which the suite watches that nothing more happens. On loopback a broker delivers within 10 ms of the
cause; the watch is longer by the factor that a busy machine needs. It always follows a positive control."""

LEAVES = 2.0 * _FACTOR
"""Seconds within which a program that waits for nothing more ends. A Celery producer ends 0.04 s after its publish
on an idle machine, and took more than 0.4 s with twelve processes per core."""

UNANSWERED = 2 * EVENTUALLY
"""Seconds for which a producer gets no reply from the broker: longer than its own timeout, if it has one. (The
examples of the Java client have a timeout of 5 s, the reference has 10 s.)"""

POLL = 0.03 * _FACTOR
"""Seconds between two queries of a state that sends no event, such as a queue's message count."""

HANGS = 300.0 * _FACTOR
"""Seconds after which a test of the specification is aborted, not counting the faults that were asked for. It is
longer than all waits of a test together, so a test that reaches it has an error of the suite's."""

MODEL_EXAMPLE = 2.0
"""Seconds that an example of the model may take on average, a restart of the broker in one of fifteen included."""

ON_DISK = 3.0
"""Seconds after which a new queue is on the broker's disk. If RabbitMQ (3.10, 4.0, 4.3) is killed within a second
after a quorum queue was declared, it loses all messages of this queue, the confirmed ones too."""
