"""The service that mutants change: it publishes the body of each request with the reference's code, on a connection
of its own, and answers when the broker has confirmed it.
"""

import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pika.exceptions import AMQPError

from reference import new_task
from reference.deadlines import delays
from reference.task_queue import parameters, refusal, set_up_output


def send(body, publish=new_task.publish):
    """Publishes the body, and again until it is confirmed. Returns what went wrong; None if nothing did."""
    message_id, waits = str(uuid.uuid4()), delays(new_task.PATIENCE)
    while True:
        try:
            publish(body, message_id)
        except (AMQPError, OSError) as error:
            why = refusal(error) or repr(error)
            wait = None if refusal(error) else next(waits, None)
            if wait is None:
                return why
            time.sleep(wait)
        else:
            return None


def serve(send=send):
    """Listens on the port that the command line names, and answers each request with what `send` returns."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            why = send(self.rfile.read(int(self.headers["Content-Length"])))
            answer = (why or "sent").encode()
            self.send_response(502 if why else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    set_up_output()
    parameters()  # ends the program if AMQP_URL is malformed
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
