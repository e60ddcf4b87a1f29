"""Who takes part in a test. A `Party` has a name, a tap of its own, and what was seen at the tap.

  - `Program`: a process of the program under test, with its signals, output and exit status. `ProducerRun` is one
    run of the producer; `Request` is one that asks a `Service` for a task, and the service publishes it.
    `ConnectedProgram` makes, keeps and loses connections; `Worker` also takes tasks.
- `ClientConnection`: a connection of the suite's own, with its questions, refusals and end. `Client` also declares,
  looks at and deletes queues. Of its two kinds, `Sender` publishes, and `Receiver` consumes and settles.
- `PlainClient`: a connection of the suite's own that sends methods one by one, for the model.
"""

from .client import Client, wide
from .connected_program import LONGEST_DELAY
from .plain_client import PlainClient
from .producer_run import ProducerRun
from .program import SUPERVISORS_GRACE, Program
from .receiver import Receiver
from .sender import Sender
from .service import Request, Service
from .worker import Worker

__all__ = [
    "LONGEST_DELAY",
    "SUPERVISORS_GRACE",
    "Client",
    "PlainClient",
    "ProducerRun",
    "Program",
    "Receiver",
    "Request",
    "Sender",
    "Service",
    "Worker",
    "wide",
]
