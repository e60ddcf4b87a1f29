#!/bin/sh
# Unpacks Debian's packages into build/ if the system does not have the tools.
set -e
[ -e build/bin/amqp-consume ] && exit
rm -rf build
mkdir -p build/lib
cd build
of='${Package} ${Version}\n'
if command -v amqp-consume >/dev/null; then
    dpkg-query -W -f "$of" amqp-tools >version 2>/dev/null || rm version
    exit
fi
apt-get download -q amqp-tools librabbitmq4 libpopt0 || {
    echo "There is no amqp-consume on this system, and Debian's package amqp-tools cannot be fetched." >&2
    exit 1
}
dpkg-deb -W --showformat "$of" amqp-tools_*.deb >version
for package in ./*.deb; do dpkg -x "$package" unpacked; done
find unpacked -name '*.so.*' -exec mv '{}' lib ';'
mv unpacked/usr/bin bin
rm -rf unpacked ./*.deb
