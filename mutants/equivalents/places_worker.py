"""A worker that takes its URL apart by itself, and decodes each part.

Breaks nothing.
"""

import os
import sys
from urllib.parse import unquote, urlsplit

import pika

from reference import worker


def parameters():
    try:
        parts = urlsplit(os.environ["AMQP_URL"])
        host, port = parts.hostname, parts.port
    except ValueError:
        sys.exit("AMQP_URL is not valid")
    return pika.ConnectionParameters(
        host,
        port,
        unquote(parts.path[1:]),
        pika.PlainCredentials(unquote(parts.username), unquote(parts.password)),
    )


worker.parameters = parameters

sys.exit(worker.main())
