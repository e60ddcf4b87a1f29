"""The producer: sends the actor a message."""

import sys

from tasks import work

text = " ".join(sys.argv[1:]) or "Hello World!"
work.send(text)
print(f"Sent {text!r}")
