#!/bin/sh
# Compiles into build/ with the system's librabbitmq-dev; if it has none, unpacks Debian's packages in build/.
set -e
[ build/worker -nt worker.c ] && [ build/worker -nt new_task.c ] && [ build/worker -nt task_queue.h ] && exit
rm -rf build
mkdir build
of='${Package} ${Version}\n'
dpkg-query -W -f "$of" librabbitmq4 >build/version 2>/dev/null || rm build/version
if ! [ -e /usr/include/amqp.h ]; then
    cd build
    apt-get download -q librabbitmq-dev librabbitmq4 || {
        echo "There is no librabbitmq-dev on this system, and Debian's package of that name cannot be fetched." >&2
        exit 1
    }
    dpkg-deb -W --showformat "$of" librabbitmq4_*.deb >version
    for package in ./*.deb; do dpkg -x "$package" .; done
    mv usr/lib/*/librabbitmq.so* .
    mv usr/include .
    rm -rf usr ./*.deb
    cd ..
fi
for program in new_task worker; do
    cc -D_GNU_SOURCE -Ibuild/include -Lbuild "-Wl,-rpath,$PWD/build" -o build/$program $program.c -lrabbitmq
done
