#!/bin/sh
# Compiles the programs of ../java into build/, with the jars of pom.xml. jars.sha256 holds their hashes.
set -e
[ build/Worker.class -nt ../java/Worker.java ] && [ build/Worker.class -nt ../java/NewTask.java ] &&
    [ build/Worker.class -nt pom.xml ] && exit
command -v mvn >/dev/null && command -v javac >/dev/null || {
    echo "There is no Maven (mvn) or no JDK on this machine. Install both, or leave this implementation out." >&2
    exit 1
}
rm -rf build
mkdir build
mvn -q -B -ntp dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$PWD/build"
cd build
sha256sum --check --quiet ../jars.sha256
ls amqp-client-*.jar | sed 's/-\([0-9].*\).jar/ \1/' >version
javac -cp "*" -d . ../../java/NewTask.java ../../java/Worker.java
