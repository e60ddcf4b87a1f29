#!/bin/sh
# The producer: it declares the queue by one command, and publishes by another.
PATH=$PATH:build/bin # where install.sh puts them if the system has none
task=${*:-Hello World!}
amqp-declare-queue --url "$AMQP_URL" --queue task_queue --durable >/dev/null &&
    printf %s "$task" | amqp-publish --url "$AMQP_URL" --routing-key task_queue --persistent &&
    echo " [x] Sent '$task'"
