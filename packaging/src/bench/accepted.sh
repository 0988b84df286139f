#!/bin/sh
# accepted.sh HOME SECONDS table|json [ROWS]: how many knocks a second mayflyd accepts on one processor, and goes on
# accepting while the leases before end; started by packaging/bench as root of a private network.
#
# Eight clients knock from 65,536 networks, mode anyip; quotas and limits are out of the way, a lease lasts two seconds.
# The knocks are made before. The sender is on the first processor, and so is all that the kernel does for its packets until
# they lie in the socket; mayflyd has the second. So "one processor" is mayflyd's own share, not that of the whole machine.
set -eu
here=$(dirname "$0")
# shellcheck disable=SC2034 # bench.sh reads it
home=$1
seconds=$2
format=$3
rows=${4:-*}
# shellcheck source=packaging/src/lab/lab.sh
. "$here/../lab/lab.sh"
# shellcheck source=packaging/src/bench/bench.sh
. "$here/bench.sh"

clients='a b c d e f g h'

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# accepted WHERE RATE: with the state in $state.
accepted() {
    row=accepted-$1-$2
    wanted "$row" || return 0
    say "$row"
    # shellcheck disable=SC2086 # words
    agent anyip 2001:db8:d:: $clients
    # shellcheck disable=SC2086 # words
    knocks_of genuine $((2000 * seconds < 20000 ? 2000 * seconds : 20000)) "$lab/warm" $clients
    at client2 "$lab/flood" -1 -s 48 -f "$lab/warm" 2001:db8:3::2 $knocks 5000 10 96 >/dev/null
    # shellcheck disable=SC2086 # words
    knocks_of genuine $(($2 * seconds)) "$lab/knocks" $clients
    before=$(counted mayfly_knocks_accepted_total)
    lines=$(wc -l <"$lab/mayflyd.log")
    busy=$(spent "$agent")
    # shellcheck disable=SC2086 # a command is words
    at client2 $pin_flood "$lab/flood" -1 -s 48 -f "$lab/knocks" 2001:db8:3::2 $knocks "$2" $((2 * seconds)) 96 >"$lab/flood.out"
    busy=$(awk "BEGIN { print $(spent "$agent") - $busy }")
    live=$(counted 'mayfly_leases_(pending|active|session)')
    n=$(($(counted mayfly_knocks_accepted_total) - before))
    read -r sent took <"$lab/flood.out"
    result "row=$row" "state=$1" "$(awk "BEGIN {
        printf \"offered=%d|accepted=%d|lost=%d|of=%d|agent=%.0f%%\", $sent / $took, $n / $took, $sent - $n, $sent, 100 * $busy / $took
    }")" "leases=$live" "resident_mb=$(resident "$agent")" "log_lines=$(($(wc -l <"$lab/mayflyd.log") - lines))" \
        "us=$(awk "BEGIN { printf \"%.1f\", 1e6 * $busy / $n }")"
    rm "$lab/knocks"
    agent_down
}

generous() {
    quota=1000000
    rate=1000000
    limit=1000000
    window=10m
    lease=2s
}

table() {
    columns row offered accepted lost of us agent leases resident_mb log_lines
}

bench_up
pinned
generous
mkdir "$lab/ram"
mount -t tmpfs -o size=1g,mode=700 tmpfs "$lab/ram"
covers="$covers $lab/ram"
state=$lab/ram/state
accepted tmpfs 10000
accepted tmpfs 50000
state=$lab/state
accepted disk 50000
finish
