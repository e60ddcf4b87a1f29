#!/bin/sh
# Unpacks Debian's packages into build/ where the system has not got the tools.
set -e
if command -v amqp-consume >/dev/null || [ -e build/bin/amqp-consume ]; then exit; fi
rm -rf build
mkdir -p build/lib
cd build
apt-get download -q amqp-tools librabbitmq4 libpopt0 || {
    echo "There is no amqp-consume on this system, and Debian's package amqp-tools cannot be fetched." >&2
    exit 1
}
for package in ./*.deb; do dpkg -x "$package" unpacked; done
find unpacked -name '*.so.*' -exec mv '{}' lib ';'
mv unpacked/usr/bin bin
rm -rf unpacked ./*.deb
