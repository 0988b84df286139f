# shellcheck shell=sh disable=SC2154,SC2034
# Read by bin/mayfly, bin/mayflyctl and bin/mayflyd, which set $self and $home.
#
#   MAYFLY_JAVA_HOME   the Java to use; else JAVA_HOME, else java on the PATH, else what is in /usr/lib/jvm
#   MAYFLY_JAVA_OPTS   more options for the virtual machine; they come last, so they win

# The feature release (17, 25, …) of the Java in directory $1, from its release file: starting it would take as long
# as the whole command. Only where there is no such file the Java is asked.
feature_of() {
    feature=0
    [ -x "$1/bin/java" ] || return 0
    version=
    if [ -r "$1/release" ]; then
        while IFS= read -r line; do
            case $line in
            JAVA_VERSION=*) version=${line#*=} ;;
            esac
        done <"$1/release"
    fi
    [ -n "$version" ] || version=$("$1/bin/java" -version 2>&1 | sed -n '1s/.* version \("[^"]*"\).*/\1/p')
    version=${version#\"}
    version=${version%%[!0-9]*}
    feature=${version:-0}
}

find_java() {
    if [ -n "${MAYFLY_JAVA_HOME:-}" ]; then
        java=$MAYFLY_JAVA_HOME
        feature_of "$java"
        [ "$feature" -lt 17 ] || return 0
        complain "MAYFLY_JAVA_HOME=$MAYFLY_JAVA_HOME is not a Java 17 or later"
    fi
    if [ -n "${JAVA_HOME:-}" ]; then
        java=$JAVA_HOME
        feature_of "$java"
        [ "$feature" -lt 17 ] || return 0
    fi
    if java=$(command -v java); then
        java=$(readlink -f "$java")
        java=${java%/bin/java}
        feature_of "$java"
        [ "$feature" -lt 17 ] || return 0
    fi
    for java in /usr/lib/jvm/*; do
        feature_of "$java"
        [ "$feature" -lt 17 ] || return 0
    done
    complain 'there is no Java 17 or later; install one (Debian, Ubuntu: apt install default-jre-headless) or set MAYFLY_JAVA_HOME'
}

complain() {
    echo "${self##*/}: $1" >&2
    exit 1
}

# Of the agent. It begins small, and takes room for leases as they come, in few steps: up to half of the machine's memory, of
# which it takes some 600 MB for a million.
#
# Netty tells Flight Recorder of every buffer, and the first one starts that whole machinery on the event loop: 50 ms of the
# first knock, and 8 MB for good.
agent_options='-Xms16m -XX:MaxNewSize=24m -XX:MinHeapFreeRatio=60 -XX:MaxRAMPercentage=50 -Dio.netty.jfr.enabled=false'

# agent_memory: what the compilers take and give back while they compile goes back to the system. Otherwise glibc keeps some
# 20 MB of it, a heap for each thread, for the next time (mallopt(3), M_MMAP_THRESHOLD).
agent_memory() {
    MALLOC_MMAP_THRESHOLD_=${MALLOC_MMAP_THRESHOLD_:-16384}
    export MALLOC_MMAP_THRESHOLD_
}

# launch OPTIONS CLASS ARGUMENT...
launch() {
    find_java
    options=$1
    shift
    # jnr-ffi and protobuf work below the language; from 24 on the machine wants to be told that this is meant.
    [ "$feature" -lt 24 ] || options="$options --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"
    # Native code lies there as plain files: nothing is unpacked to a /tmp or /run that may be noexec.
    # shellcheck disable=SC2086 # options are words
    exec "$java/bin/java" -XX:+UseSerialGC -XX:-UsePerfData $options \
        "-Djffi.boot.library.path=$home/lib/native" "-Djava.library.path=$home/lib/native" \
        "-Dmayfly.launcher=$self" ${MAYFLY_JAVA_OPTS:-} -cp "$home/lib/*" "$@"
}
