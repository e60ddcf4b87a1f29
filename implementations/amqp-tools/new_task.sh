#!/bin/sh
# The producer: one command declares the queue, another one publishes.
PATH=$PATH:build/bin # install.sh puts the tools there if the system has none
task=${*:-Hello World!}
amqp-declare-queue --url "$AMQP_URL" --queue task_queue --durable >/dev/null &&
    printf %s "$task" | amqp-publish --url "$AMQP_URL" --routing-key task_queue --persistent &&
    echo " [x] Sent '$task'"
