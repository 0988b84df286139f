#!/bin/sh
# junk.sh HOME TURNS table|json [ROWS]: what a packet of junk costs mayflyd in user space, against a C program that reads and
# refuses the same; in the lab, started by packaging/bench as root of a private network.
#
# The flood comes from the router, on the first processor, where all that the kernel does for a packet until it lies in the
# socket is done too. Who reads it is on the second. They take turns, some seconds each; what is divided by the number of
# packets read is the time of all threads of the process, in the kernel as well, as the scheduler has it.
set -eu
here=$(dirname "$0")
# shellcheck disable=SC2034 # bench.sh reads it
home=$1
turns=$2
format=$3
rows=${4:-*}
# shellcheck source=packaging/src/lab/lab.sh
. "$here/../lab/lab.sh"
# shellcheck source=packaging/src/bench/bench.sh
. "$here/bench.sh"

seconds=2  # of a turn
warm=10    # of the first flood: then Java has compiled what there is to compile
yardstick=62202
rates='100000 400000 0'
captured=1000 # packets to be replayed
if [ "$turns" = 1 ]; then # it is only to be seen that it runs
    seconds=1
    warm=1
    captured=100
fi

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# drained PORT: nothing is left to be read there.
drained() {
    until [ "$(at server ss -Huln sport = ":$1" | awk '{ n += $2 } END { print n + 0 }')" = 0 ]; do
        sleep 0.01
    done
}

# flood PORT RATE SECONDS [OPTION...]: sets $sent and $took.
flood() {
    port=$1
    rate=$2
    long=$3
    shift 3
    # shellcheck disable=SC2086 # a command is words
    at router $pin_flood "$lab/flood" "$@" 2001:db8:3::2 "$port" "$rate" "$long" 96 >"$lab/flood.out"
    read -r sent took <"$lab/flood.out"
    drained "$port"
}

# turn WHO KIND RATE READ NS: what came of it, for the medians.
turn() {
    echo "$1 $2 $3 $4 $5 $sent $took" >>"$lab/turns"
}

# of_c WHO KIND RATE [ARGUMENT]
of_c() {
    # shellcheck disable=SC2086 # a command is words
    start server $pin_agent "$lab/refuse" $yardstick ${4:+"$4"} >"$lab/refuse.out"
    reader=$started
    until grep -q ready "$lab/refuse.out"; do
        kill -0 "$reader"
        sleep 0.01
    done
    before=$(ran "$reader")
    flood $yardstick "$3" $seconds
    ns=$(($(ran "$reader") - before))
    stop "$reader"
    turn "$1" "$2" "$3" "$(awk 'END { print $1 }' "$lab/refuse.out")" $ns
}

# of_mayflyd KIND RATE [OPTION...]
of_mayflyd() {
    kind=$1
    rate=$2
    shift 2
    read=$(counted "$refused")
    before=$(ran "$agent")
    flood "$knocks" "$rate" $seconds "$@"
    ns=$(($(ran "$agent") - before))
    turn mayflyd "$kind" "$rate" $(($(counted "$refused") - read)) $ns
}

compared() {
    for rate in $rates; do
        wanted "junk-$rate" || continue
        say "junk, $rate/s (0: as many as there can be)"
        n=0
        while [ $n -lt "$turns" ]; do
            of_c c junk "$rate"
            of_mayflyd junk "$rate"
            of_c epoll junk "$rate" epoll
            of_mayflyd replay "$rate" -f "$lab/captured"
            n=$((n + 1))
        done
        for who in 'c junk' 'epoll junk' 'mayflyd junk' 'mayflyd replay'; do
            # shellcheck disable=SC2086 # two words
            row "$rate" $who
        done
    done
}

# row RATE WHO KIND: medians of its turns; the ratios are to C that waits in recvmmsg, and in epoll_wait.
row() {
    result "row=$2-$3-$1" "$(
        awk -v "rate=$1" -v "who=$2" -v "kind=$3" '
            function median(list, n,    i, j, x) {
                for (i = 2; i <= n; i++)
                    for (j = i; j > 1 && list[j] < list[j - 1]; j--) { x = list[j]; list[j] = list[j - 1]; list[j - 1] = x }
                return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
            }
            $3 != rate || $4 == 0 { next }
            $1 == "c" { c[++of_c] = $5 / $4 }
            $1 == "epoll" { epoll[++of_epoll] = $5 / $4 }
            $1 == who && $2 == kind { own[++n] = $5 / $4; sent += $6; took += $7; read += $4 }
            END {
                if (!n || !of_c || !of_epoll) exit
                m = median(own, n)
                printf "offered=%d|read=%d|ns=%.0f|least=%.0f|most=%.0f|to_c=%.2f|to_epoll=%.2f", sent / took, read / took, m,
                    own[1], own[n], m / median(c, of_c), m / median(epoll, of_epoll)
            }' "$lab/turns"
    )"
}

table() {
    columns row offered read ns least most to_c to_epoll
}

refused='mayfly_knocks_refused_(gate|nonce)_total'
bench_up refuse
pinned
gate=user
agent anyip 2001:db8:d::
knocks_of genuine $captured "$lab/captured" anyip
at router "$lab/flood" -f "$lab/captured" -1 2001:db8:3::2 "$knocks" 500 10 96 >"$lab/flood.out"
say "warm-up"
flood "$knocks" 0 $warm
flood "$knocks" 0 $warm -f "$lab/captured"
compared
finish
