"""A worker that sends heartbeats without end once it has a task."""

import os

import pika

HEARTBEAT = b"\x08\x00\x00\x00\x00\x00\x00\xce"

connection = pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"]))
channel = connection.channel()
channel.queue_declare("task_queue", durable=True)
for _method, _properties, _body in channel.consume("task_queue"):
    while True:
        connection._impl._transport._sock.setblocking(True)
        connection._impl._transport._sock.sendall(HEARTBEAT * 10_000)
