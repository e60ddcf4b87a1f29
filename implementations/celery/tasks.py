"""The task, with Celery's default settings. The broker is $CELERY_BROKER_URL."""

import os
import time

from celery import Celery

app = Celery("tasks")
app.conf.task_default_queue_type = os.environ.get("QUEUE_TYPE", "classic")

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))


@app.task
def work(text):
    time.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")
