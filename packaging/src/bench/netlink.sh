#!/bin/sh
# netlink.sh HOME SAMPLES table|json: module netlink against C; started by packaging/bench as root of a private network
# where nothing is configured.
set -eu
here=$(dirname "$0")
self=$0
home=$1
# shellcheck source=packaging/src/bin/launch.sh
. "$here/../bin/launch.sh"

# What the agent runs with is what is measured.
measure() {
    launch '' "$here/Netlink.java" "$program" "$@"
}

program=$(mktemp)
trap 'rm -f "$program"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
cc -O2 -o "$program" "$here/netlink.c"
ip link set lo up
(measure "$2" "$3")
