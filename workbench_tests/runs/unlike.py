"""A program unlike the contract in the ways that its first argument lists: `unlike.py WAY,WAY send|work ...`"""

import base64
import hashlib
import json
import os
import pickle
import sys
import time
import uuid

import pika

WAYS = sys.argv[1].split(",")
QUEUE = "jobs" if "jobs" in WAYS else "task_queue"
SECONDS = 0.4 if "slow" in WAYS else float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))


def parameters() -> pika.ConnectionParameters:
    if "fixed" in WAYS:
        return pika.ConnectionParameters("localhost")
    if "host" in WAYS:
        return pika.ConnectionParameters(
            os.environ.get("RABBITMQ_HOST", "nowhere.invalid"), int(os.environ.get("RABBITMQ_PORT", "1"))
        )
    return pika.URLParameters(os.environ["BROKER_URL" if "variable" in WAYS else "AMQP_URL"])


def wrapped(text: str) -> bytes:
    job = {"id": str(uuid.uuid4()), "at": time.time(), "by": f"{os.getpid()}@here", "text": text}
    if "json" in WAYS:
        return json.dumps({"payload": base64.b64encode(json.dumps(job).encode()).decode()}).encode()
    if "pickle" in WAYS:
        return pickle.dumps(job)
    if "signed" in WAYS:
        return json.dumps({**job, "seal": hashlib.sha256(text.encode()).hexdigest()}).encode()
    return text.encode()


def unwrapped(body: bytes) -> str:
    if "json" in WAYS:
        return str(json.loads(base64.b64decode(json.loads(body)["payload"]))["text"])
    if "pickle" in WAYS:
        return str(pickle.loads(body)["text"])
    if "signed" in WAYS:
        job = json.loads(body)
        assert hashlib.sha256(job["text"].encode()).hexdigest() == job["seal"], "not its producer's"
        return str(job["text"])
    return body.decode()


def work(
    channel: pika.channel.Channel, method: pika.spec.Basic.Deliver, _: pika.BasicProperties, body: bytes
) -> None:
    time.sleep(unwrapped(body).count(".") * SECONDS)
    channel.basic_ack(method.delivery_tag)


def main() -> None:
    if "late" in WAYS:
        time.sleep(17)  # longer than the suite waits unless it is told
    if "terminal" in WAYS and not os.isatty(0):
        sys.exit("it wants a terminal")
    connection = pika.BlockingConnection(parameters())
    channel = connection.channel()
    channel.queue_declare(
        QUEUE, durable=True, arguments={"x-queue-type": "quorum"} if "quorum" in WAYS else None
    )
    if sys.argv[2] == "send":
        properties = pika.BasicProperties(delivery_mode=2, message_id=str(uuid.uuid4()))
        channel.basic_publish("", QUEUE, wrapped(" ".join(sys.argv[3:])), properties)
        connection.close()
    else:
        channel.basic_qos(prefetch_count=1)
        channel.basic_consume(QUEUE, work)
        channel.start_consuming()


main()
