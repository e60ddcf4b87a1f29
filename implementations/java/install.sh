#!/bin/sh
# Compiles into build/ with the client's jar from Debian's package; fetches the package if it is not installed.
set -e
[ build/Worker.class -nt NewTask.java ] && [ build/Worker.class -nt Worker.java ] && exit
rm -rf build
mkdir build
cd build
fetch() {
    apt-get download -q "$1" || {
        echo "There is no $2 on this system, and Debian's package $1, which has it, cannot be fetched." >&2
        exit 1
    }
    dpkg -x "$1"_*.deb .
}
[ -e /usr/share/java/amqp-client.jar ] || fetch librabbitmq-client-java amqp-client.jar
[ -e /usr/share/java/slf4j-api.jar ] || fetch libslf4j-java slf4j-api.jar
for jar in amqp-client slf4j-api slf4j-nop; do
    if [ -e usr/share/java/$jar.jar ]; then cp usr/share/java/$jar.jar .; else cp /usr/share/java/$jar.jar .; fi
done
of='${Package} ${Version}\n'
dpkg-deb -W --showformat "$of" librabbitmq-client-java_*.deb >version 2>/dev/null ||
    dpkg-query -W -f "$of" librabbitmq-client-java >version 2>/dev/null || rm version
javac -cp amqp-client.jar -d . ../NewTask.java ../Worker.java
rm -rf usr ./*.deb
