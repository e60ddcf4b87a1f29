"""`_ask.py PORT` asks the service on this port for a task, whose text is its standard input. It prints the answer,
and exits with 0 if the service has answered with a status from 200 to 299.
"""

import http.client
import sys

service = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
try:
    service.request("POST", "/tasks", sys.stdin.buffer.read())
    answer = service.getresponse()
    said = answer.read().decode(errors="replace")
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"no answer: {error!r}")
sys.exit(None if 200 <= answer.status < 300 else f"{answer.status} {said}")
