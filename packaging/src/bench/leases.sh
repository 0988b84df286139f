#!/bin/sh
# leases.sh HOME LEASES table|json: how many leases an agent can hold; started by packaging/bench as root of a private
# network where nothing is configured.
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
(launch "-Xms4g -Xmx4g" "$here/Leases.java" "$2" "$state" "$3")
