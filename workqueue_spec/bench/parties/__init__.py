"""Who takes part in a test: programs under test and the suite's own clients, each behind its own tap.

Party                     a name, a tap, and what was seen of it
Program                 a process of the program under test: its signals, output and exit status
ProducerRun           one run of the producer
ConnectedProgram      how it keeps, loses and makes its connections
Worker              the worker: the tasks it takes
ClientConnection        the suite's connection to the broker: asked, refused, ended
Client                declares, looks at and deletes queues
Sender              publishes
Receiver            consumes and settles
"""

from .client import Client, wide
from .connected_program import LONGEST_DELAY
from .producer_run import ProducerRun
from .receiver import Receiver
from .sender import Sender
from .worker import Worker

__all__ = ["LONGEST_DELAY", "Client", "ProducerRun", "Receiver", "Sender", "Worker", "wide"]
