#!/bin/sh
# The worker: amqp-consume runs a command for each task, and acknowledges the task if that ends with status 0.
PATH=$PATH:build/bin # where install.sh puts them if the system has none
amqp-declare-queue --url "$AMQP_URL" --queue task_queue --durable >/dev/null &&
    exec amqp-consume --url "$AMQP_URL" --queue task_queue --prefetch-count 1 ./work.sh
