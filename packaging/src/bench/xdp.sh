#!/bin/sh
# xdp.sh HOME SECONDS table|json [ROWS]: how many packets of junk a second one processor gets rid of, by where they are
# dropped; started by packaging/bench as root of a private network.
#
# Frames come out of the router's driver (xdp.c) on the first processor. The server takes them in with threaded NAPI, so
# that all it does for them is a thread's, and that thread is on the second processor, with mayflyd or the C program that
# does the same. Both are charged for what they have used, so what else runs does not count.
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

length=96
wrong=100 # bytes that a knock never has

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# send LENGTH: frames for $seconds; sets $in, $kernel and, if $reader is a process, $user: packets and nanoseconds.
send() {
    user=0
    polled
    in=$(arrived)
    kernel=$(ran "$napi")
    [ -z "$reader" ] || user=$(ran "$reader")
    driven 0 "$seconds" "$1"
    wait "$flood"
    read -r sent took <"$lab/flood.out"
    in=$(($(arrived) - in))
    kernel=$(($(ran "$napi") - kernel))
    [ -z "$reader" ] || user=$(($(ran "$reader") - user))
}

# dropped ROW NAME LENGTH [READ]: the row; READ is a command that prints how many packets the reader has read.
dropped() {
    wanted "$1" || return 0
    say "$1"
    read=0
    [ $# -lt 4 ] || before=$($4)
    send "$3"
    [ $# -lt 4 ] || read=$(($($4) - before))
    row "$1" "$2"
}

# row ROW NAME: what send has found, and $read packets were read.
row() {
    result "row=$1" "name=$2" "$(awk "BEGIN {
        kernel = $kernel / $in; user = $read ? $user / $read : 0
        printf \"sent=%d|in=%d|kernel_ns=%.0f\", $sent / $took, $in / $took, kernel
        if ($read) printf \"|read=%d|user_ns=%.0f\", $read / $took, user
        printf \"|a_processor=%d\", 1e9 / (kernel + user)
    }")"
}

everything() {
    wanted drop || return 0
    start server "$lab/xdp" drop eth0 >"$lab/drop"
    dropper=$started
    until grep -q ready "$lab/drop"; do
        kill -0 "$dropper"
        sleep 0.05
    done
    reader=
    dropped drop 'XDP that drops everything' $length
    stop "$dropper"
}

# With the length filter that mayflyd has.
in_c() {
    wanted c || return 0
    # shellcheck disable=SC2086 # a command is words
    start server $pin_agent "$lab/refuse" $knocks >"$lab/refuse.out"
    reader=$started
    until grep -q ready "$lab/refuse.out"; do
        kill -0 "$reader"
        sleep 0.05
    done
    say c
    send $length
    stop "$reader"
    read=$(awk 'END { print $1 }' "$lab/refuse.out")
    row c 'C in user space, recvmmsg and SipHash'
}

refused() {
    counted 'mayfly_knocks_refused_(gate|length)_total'
}

in_mayflyd() {
    for gate in user socket xdp; do
        any "$gate-tag" "$gate-length" || continue
        agent anyip 2001:db8:d::
        reader=$agent
        reads=
        if ! in_force; then
            for kind in tag length; do
                ! wanted "$gate-$kind" || failed "$gate-$kind" "mayflyd, gate $gate" "the gate in force is \"$force\""
            done
            agent_down
            continue
        fi
        if [ "$gate" = user ]; then
            reads=refused
            send $length # until Java has compiled it
        fi
        dropped "$gate-tag" "mayflyd, gate $gate, wrong tag" $length $reads
        dropped "$gate-length" "mayflyd, gate $gate, wrong length" $wrong
        if [ "$gate" = xdp ]; then
            costs
        fi
        agent_down
    done
}

# What a run of the program costs with all it needs in the cache.
costs() {
    id=$(at server ip -d link show eth0 | sed -n 's/.*prog\/xdp id \([0-9]*\).*/\1/p')
    [ -n "$id" ] || return 0
    for bytes in $length $wrong; do
        read -r ns verdict <<END
$(at server "$lab/xdp" cost "$id" eth0 "$bytes" $knocks)
END
        note "a run of the XDP gate over $bytes bytes, all in the cache: $ns ns, verdict $verdict (1: drop, 2: pass)"
    done
}

table() {
    columns row name sent in kernel_ns read user_ns a_processor
}

bench_up xdp refuse
pinned
if ! polled 2>"$lab/refused"; then
    note "nothing was measured: this needs root, and a kernel of 5.18 or later: $(tail -n 1 "$lab/refused")"
    finish
    exit 0
fi
everything
in_c
in_mayflyd
finish
