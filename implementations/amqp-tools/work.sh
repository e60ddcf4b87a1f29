#!/bin/sh
# Works on one task, which it reads from standard input.
task=$(cat)
echo " [x] Received '$task'"
dots=$(printf %s "$task" | tr -cd . | wc -c)
sleep "$(awk "BEGIN { print $dots * ${TASK_SECONDS_PER_DOT:-1} }")"
case $task in
*error*)
    echo " [!] '$task' failed" >&2
    exit 1
    ;;
esac
echo " [x] Done"
