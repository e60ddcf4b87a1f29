"""The producer: calls the task."""

import sys

from tasks import work

text = " ".join(sys.argv[1:]) or "Hello World!"
work.delay(text)
print(f"Sent {text!r}")
