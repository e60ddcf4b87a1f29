"""The world of one test: the parties, the broker they meet at, and the faults between them."""

from .bench import Bench
from .parties import Client, ProducerRun, Receiver, Sender, Worker

__all__ = ["Bench", "Client", "ProducerRun", "Receiver", "Sender", "Worker"]
