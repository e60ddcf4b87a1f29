"""The producer as a web service: FastAPI, with one connection of aio-pika that comes back by itself."""

import contextlib
import os
import uuid
from collections.abc import AsyncIterator

from aio_pika import DeliveryMode, Message, connect_robust
from aio_pika.exceptions import AMQPException
from fastapi import FastAPI, HTTPException, Request

URL = os.environ.get("AMQP_URL", "amqp://guest:guest@localhost:5672/%2F")
QUEUE_TYPE = os.environ.get("QUEUE_TYPE", "classic")
TIMEOUT = 10.0
"""Seconds for an answer of the broker: a client waits for the answer to its request meanwhile."""


@contextlib.asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    """The service has a channel for as long as it runs."""
    async with await connect_robust(URL, timeout=TIMEOUT) as connection:
        app.state.channel = await connection.channel(on_return_raises=True)
        await app.state.channel.declare_queue(
            "task_queue", durable=True, arguments={"x-queue-type": QUEUE_TYPE}
        )
        yield


app = FastAPI(lifespan=connected)


@app.get("/health")
async def health() -> str:
    return "ready"


@app.post("/tasks", status_code=201)
async def add(request: Request) -> str:
    message = Message(
        await request.body(), delivery_mode=DeliveryMode.PERSISTENT, message_id=str(uuid.uuid4())
    )
    try:
        exchange = request.app.state.channel.default_exchange
        await exchange.publish(message, routing_key="task_queue", timeout=TIMEOUT)
    except (AMQPException, OSError, TimeoutError) as error:
        raise HTTPException(503, f"not sent: {error!r}") from error
    return "sent"
