#!/bin/sh
# The worker: amqp-consume runs a command for each task, and acknowledges the task if the command exits with 0.
PATH=$PATH:build/bin # install.sh puts the tools there if the system has none
amqp-declare-queue --url "$AMQP_URL" --queue task_queue --durable >/dev/null &&
    exec amqp-consume --url "$AMQP_URL" --queue task_queue --prefetch-count 1 ./work.sh
