"""The base of workers that drop a task if they have noted its message_id. The notes are files, kept when a worker
ends.
"""

import hashlib
import tempfile
from pathlib import Path

from reference import worker

NOTES = Path(tempfile.gettempdir()) / "done"


class Noting(worker.Worker):
    """Acknowledges a task without working on it if its id is noted."""

    def handle(self, channel, delivery, properties, body):
        if self.is_noted(properties):
            channel.basic_ack(delivery.delivery_tag)
        else:
            self.begin(properties)
            super().handle(channel, delivery, properties, body)

    def begin(self, properties):
        """Is called before the work."""

    def is_noted(self, properties):
        """Whether the task has an id that is noted."""
        return properties.message_id is not None and self.note(properties).exists()

    def notes(self, properties):
        """Notes the id of the task, if it has one."""
        if properties.message_id is not None:
            NOTES.mkdir(exist_ok=True)
            self.note(properties).touch()

    def note(self, properties):
        """The file that stands for the id."""
        return NOTES / hashlib.sha256(properties.message_id.encode()).hexdigest()
