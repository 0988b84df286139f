#!/bin/sh
# hash.sh HOME MILLISECONDS table|json: what a packet costs, piece by piece, against the same hashes in C; started by
# packaging/bench. Each piece is measured for so many milliseconds, in a process of its own; needs no network.
set -eu
here=$(dirname "$0")
self=$0
home=$1
# shellcheck source=packaging/src/bin/launch.sh
. "$here/../bin/launch.sh"

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

ip link set lo up # JMH and the processes it starts talk by it
find_java
jars="$home/lib/*:$home/../jmh/*"
cc -O2 -o "$made/hash" "$here/hash.c" -lcrypto
"$made/hash" check >&2
mkdir "$made/classes"
find "$here/../jmh/java" -name '*.java' >"$made/sources"
"$java/bin/javac" -d "$made/classes" -cp "$jars" -processor org.openjdk.jmh.generators.BenchmarkProcessor "@$made/sources"
# What the agent runs with is what is measured: the processes that JMH starts have the options of this one.
# shellcheck disable=SC2154 # launch.sh sets it
(launch "$agent_options" -cp "$made/classes:$jars" org.mayfly.bench.Hashes "$made/hash" "$2" "$3")
