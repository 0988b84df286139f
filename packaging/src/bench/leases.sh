#!/bin/sh
# leases.sh HOME LEASES table|json: how many leases an agent can hold, and how it comes back with them in a process of its
# own, five times; started by packaging/bench as root of a private network where nothing is configured.
set -eu
here=$(dirname "$0")
self=$0
home=$1
# shellcheck source=packaging/src/bin/launch.sh
. "$here/../bin/launch.sh"

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
ip link set lo up
leases=$2
format=$3

# The options of the agent; MAYFLY_JAVA_OPTS has others.
bench() {
    # shellcheck disable=SC2154 # launch.sh sets it
    (launch "$agent_options" -cp "$state/bench:$home/lib/*" Leases "$1" "$leases" "$state" "$format")
}

agent_memory
find_java
"$java/bin/javac" -d "$state/bench" -cp "$home/lib/*" "$here/Leases.java"
[ "$format" = table ] || printf '{"granted": '
bench grant
[ "$format" = table ] || printf ', "back": ['
for run in 1 2 3 4 5; do
    case $format:$run in
    table:*) echo ;;
    json:1) ;;
    *) printf ', ' ;;
    esac
    bench restart
done
[ "$format" = table ] || echo ']}'
