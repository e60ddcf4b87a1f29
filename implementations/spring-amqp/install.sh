#!/bin/sh
# Compiles into build/, with the jars of pom.xml. jars.sha256 holds their hashes.
set -e
[ build/Worker.class -nt Worker.java ] && [ build/Worker.class -nt NewTask.java ] &&
    [ build/Worker.class -nt TaskQueue.java ] && [ build/Worker.class -nt pom.xml ] && exit
command -v mvn >/dev/null && command -v javac >/dev/null || {
    echo "There is no Maven (mvn) or no JDK on this machine. Install both, or leave this implementation out." >&2
    exit 1
}
rm -rf build
mkdir build
mvn -q -B -ntp dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$PWD/build"
cd build
sha256sum --check --quiet ../jars.sha256
ls spring-rabbit-*.jar | sed 's/-\([0-9].*\).jar/ \1/' >version
javac -cp "*" -d . ../TaskQueue.java ../NewTask.java ../Worker.java
