"""For workers that drop a task whose message_id they have noted: the notes are files, which outlive the worker."""

import hashlib
import tempfile
from pathlib import Path

from reference import worker

NOTES = Path(tempfile.gettempdir()) / "done"


class Noting(worker.Worker):
    """Drops what it has noted."""

    def attend(self, channel, delivery, properties, body):
        if self.is_noted(properties):
            channel.basic_ack(delivery.delivery_tag)
        else:
            self.begin(properties)
            super().attend(channel, delivery, properties, body)

    def begin(self, properties):
        """What it does before the work."""

    def is_noted(self, properties):
        """Whether the task has an id, and was noted."""
        return properties.message_id is not None and self.note(properties).exists()

    def notes(self, properties):
        """Notes the task as done, if it has an id."""
        if properties.message_id is not None:
            NOTES.mkdir(exist_ok=True)
            self.note(properties).touch()

    def note(self, properties):
        """Where that is noted."""
        return NOTES / hashlib.sha256(properties.message_id.encode()).hexdigest()
