"""Whether a broker is well. What a program did says nothing if its broker was not."""

import re
import tempfile
import threading
import time
from collections.abc import Sequence

import pika
import pika.exceptions

from ..errors import SetupError
from ..timeouts import EVENTUALLY, POLL
from .base import Broker
from .control import connection_parameters
from .handshake import NotAmqp, Refused, greet
from .transcript import printable

_AGAIN = 1.0
"""Seconds until a broker that could not be reached, or has an alarm, is asked once more: it may be about to end an
alarm, or to listen again."""
_TAKES_A_MESSAGE = EVENTUALLY
"""Seconds within which a broker must take one message and deliver it."""


def ailment(broker: Broker) -> str:
    """What is wrong with the broker, as words that follow "the broker failed:"; empty if it is well.

    It is well if it greets by AMQP, and has no alarm as far as it can be asked. This takes milliseconds, or a few
    seconds if the broker does not answer.
    """
    if gone := broker.own_end() or _no_greeting(broker):
        return gone
    return f"it has a {alarms} alarm" if (alarms := _alarms(broker)) else ""


def check_takes_messages(broker: Broker) -> None:
    """Raises SetupError if the broker does not take and deliver one message in time. One with an alarm does not.

    The message goes to a queue of its own, which is gone afterwards.
    """
    probe = _Probe(connection_parameters(broker.address, broker.virtual_host))
    threading.Thread(target=probe.run, daemon=True, name="probe of the broker").start()
    probe.decided.wait(2 * _TAKES_A_MESSAGE)
    if not probe.is_well:
        raise SetupError(_takes_none(broker, probe.blocked))


class _Probe:
    """Publishes a message and takes it. In a thread, since a blocked connection cannot even be closed."""

    def __init__(self, parameters: Sequence[pika.ConnectionParameters]) -> None:
        self._parameters = parameters
        self.is_well = False
        """Whether the message came; or whether it could not be sent, which the clauses are to find out."""
        self.blocked: list[str] = []
        """The broker's reasons, if it has told that it blocks the connection."""
        self.decided = threading.Event()

    def run(self) -> None:
        taken: list[bytes] = []
        try:
            connection = pika.BlockingConnection(self._parameters)
            connection.add_on_connection_blocked_callback(
                lambda _, frame: self.blocked.append(str(frame.method.reason))
            )
            channel = connection.channel()
            queue = channel.queue_declare("", exclusive=True).method.queue
            channel.basic_consume(queue, lambda *message: taken.append(message[-1]), auto_ack=True)
            channel.basic_publish("", queue, b"workqueue-spec")
            deadline = time.monotonic() + _TAKES_A_MESSAGE
            while not taken and not self.blocked and time.monotonic() < deadline:
                connection.process_data_events(time_limit=POLL)
            self.is_well = bool(taken)
            if self.is_well:
                connection.close()
        except (pika.exceptions.AMQPError, OSError):
            self.is_well = not self.blocked
        self.decided.set()


def _takes_none(broker: Broker, blocked: Sequence[str]) -> str:
    why = [f"its {alarms} alarm is raised"] if (alarms := _alarms(broker)) else []
    why += [f"it says {printable(reason)!r}" for reason in blocked[:1]]
    shown = ", ".join(why) or f"it delivered nothing within {_TAKES_A_MESSAGE:.0f} s"
    low = f"{alarms} {' '.join(blocked)}"
    remedy = "wait until it does, or choose another broker with --broker"
    if "disk" in low:
        where = " where its data is"
        if broker.kind == "local":
            where = f" on the disk of {tempfile.gettempdir()}, or set TMPDIR to a folder on another disk"
        remedy = f"make space free{where}"
    elif "memory" in low:
        remedy = "give it more memory, or end other programs"
    return f"The broker at {broker.address.shown()} takes no messages ({shown}); {remedy}."


def _no_greeting(broker: Broker) -> str:
    for pause in (_AGAIN, 0.0):
        try:
            greet(broker.address, broker.virtual_host)
        except TimeoutError:
            return "it does not answer any more"
        except Refused as error:
            said = f"it refuses the suite ({error})"
        except (OSError, NotAmqp) as error:
            said = f"it is gone ({getattr(error, 'strerror', None) or error})"
        else:
            return ""
        time.sleep(pause)
    return said


def _alarms(broker: Broker) -> str:
    """The alarms that are raised, such as "disk" or "disk and memory"; empty if there is none or nobody can say."""
    if not broker.evaluates:
        return ""
    found: list[str] = []
    for pause in (_AGAIN, 0.0):
        try:
            said = broker.evaluate("rabbit_alarm:get_alarms()")
        except SetupError:  # it is no RabbitMQ
            return ""
        found = sorted(set(re.findall(r"resource_limit,\s*(disk|memory)", said)))
        if not found:
            return ""
        time.sleep(pause)
    return " and ".join(found)
