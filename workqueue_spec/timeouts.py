"""The constants of time. They scale together, and no other wait is timed.

On a machine that is busy, or behind an emulator, set WORKQUEUE_SPEC_PATIENCE to a factor above 1.
"""

import os

_FACTOR = float(os.environ.get("WORKQUEUE_SPEC_PATIENCE", "1"))

EVENTUALLY = 15.0 * _FACTOR
"""Seconds that something promised may take. The broker answers in milliseconds; the rest is room for
a machine that runs other things, so a longer wait costs nothing where the promise is kept."""

QUIET = 0.4 * _FACTOR
"""Seconds in which "nothing more happens" is watched. On loopback a broker delivers within 10 ms of its
cause; the watch is longer by a factor that a busy machine needs. It always follows a positive control."""

LEAVES = 2.0 * _FACTOR
"""Seconds in which a program that waits for nothing more has ended. A Celery producer does so 0.04 s after its
publish on an idle machine, and took more than 0.4 s with twelve processes to a core."""

UNANSWERED = 2 * EVENTUALLY
"""Seconds for which a producer is left without the broker's answer: longer than it has patience, if it has any.
(Java's client is told 5 in its examples, the reference has 10.)"""

POLL = 0.03 * _FACTOR
"""Seconds between two looks at a state that sends no event, such as a queue's message count."""

HANGS = 300.0 * _FACTOR
"""Seconds after which a test of the specification is given up, faults that were asked for not counted: a net,
beyond all that a test waits for by itself. What it catches is an error of the suite's."""
