"""A program that differs from the contract in several respects.

`unusual_program.py DIFFERENCE,DIFFERENCE send|work ...`, with the names of the differences as in the code below.
"""

import base64
import hashlib
import json
import os
import pickle
import sys
import time
import uuid

import pika

DIFFERENCES = sys.argv[1].split(",")
QUEUE = "jobs" if "jobs" in DIFFERENCES else "task_queue"
SECONDS = 0.4 if "slow" in DIFFERENCES else float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))


def parameters() -> pika.ConnectionParameters:
    if "fixed" in DIFFERENCES:
        return pika.ConnectionParameters("localhost")
    if "host" in DIFFERENCES:
        return pika.ConnectionParameters(
            os.environ.get("RABBITMQ_HOST", "nowhere.invalid"), int(os.environ.get("RABBITMQ_PORT", "1"))
        )
    return pika.URLParameters(os.environ["BROKER_URL" if "variable" in DIFFERENCES else "AMQP_URL"])


def wrap(text: str) -> bytes:
    job = {"id": str(uuid.uuid4()), "at": time.time(), "by": f"{os.getpid()}@here", "text": text}
    if "json" in DIFFERENCES:
        return json.dumps({"payload": base64.b64encode(json.dumps(job).encode()).decode()}).encode()
    if "pickle" in DIFFERENCES:
        return pickle.dumps(job)
    if "signed" in DIFFERENCES:
        return json.dumps({**job, "seal": hashlib.sha256(text.encode()).hexdigest()}).encode()
    return text.encode()


def unwrap(body: bytes) -> str:
    if "json" in DIFFERENCES:
        return str(json.loads(base64.b64decode(json.loads(body)["payload"]))["text"])
    if "pickle" in DIFFERENCES:
        return str(pickle.loads(body)["text"])
    if "signed" in DIFFERENCES:
        job = json.loads(body)
        assert hashlib.sha256(job["text"].encode()).hexdigest() == job["seal"], "not its producer's"
        return str(job["text"])
    return body.decode()


def work(
    channel: pika.channel.Channel, method: pika.spec.Basic.Deliver, _: pika.BasicProperties, body: bytes
) -> None:
    time.sleep(unwrap(body).count(".") * SECONDS + (1.5 if "lazy" in DIFFERENCES else 0))
    if "fails" in DIFFERENCES and "error" in unwrap(body):
        channel.basic_reject(method.delivery_tag, requeue=False)
        return
    channel.basic_ack(method.delivery_tag)


def route(channel: pika.channel.Channel) -> tuple[str, str]:
    if "exchange" not in DIFFERENCES:
        return "", QUEUE
    channel.exchange_declare("events", "topic", durable=True)
    channel.queue_bind(QUEUE, "events", "report.#")
    return "events", "report.asked"


def main() -> None:
    if "late" in DIFFERENCES:
        time.sleep(17)  # longer than the suite waits by default
    if "terminal" in DIFFERENCES and not os.isatty(0):
        sys.exit("it wants a terminal")
    connection = pika.BlockingConnection(parameters())
    channel = connection.channel()
    channel.queue_declare(
        QUEUE, durable=True, arguments={"x-queue-type": "quorum"} if "quorum" in DIFFERENCES else None
    )
    if sys.argv[2] == "send":
        properties = pika.BasicProperties(delivery_mode=2, message_id=str(uuid.uuid4()))
        channel.basic_publish(*route(channel), wrap(" ".join(sys.argv[3:])), properties)
        connection.close()
    else:
        channel.basic_qos(prefetch_count=4 if "several" in DIFFERENCES else 1)
        channel.basic_consume(QUEUE, work)
        channel.start_consuming()


main()
