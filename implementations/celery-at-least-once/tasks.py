"""The task, with Celery configured to lose no task. The broker is $CELERY_BROKER_URL."""

import os
import time

from celery import Celery

app = Celery("tasks")
app.conf.update(
    task_default_queue_type=os.environ.get("QUEUE_TYPE", "classic"),
    broker_transport_options={"confirm_publish": True},
    broker_connection_retry_on_startup=True,
    task_acks_late=True,
    task_acks_on_failure=False,
    task_acks_on_timeout=False,
    task_reject_on_worker_lost=True,
    worker_cancel_long_running_tasks_on_connection_loss="FINISH_AFTER_A_LOSS" not in os.environ,
    worker_prefetch_multiplier=1,
)

SECONDS_PER_DOT = float(os.environ.get("TASK_SECONDS_PER_DOT", "1"))


@app.task
def work(text):
    time.sleep(text.count(".") * SECONDS_PER_DOT)
    if "error" in text:
        raise RuntimeError(f"cannot do {text!r}")
