#!/bin/sh
# relay.sh HOME TURNS table|json [ROWS]: the shared port and a relayed service of mayflyd against socat and haproxy, and
# against no relay at all; in the lab, started by packaging/bench as root of a private network.
#
# The client and the backend (load.c) are on the first processor, and whoever relays is on the second, one after the other,
# some seconds each, for TURNS times. All relay to the same backend, over IPv4 and loopback.
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

backend=9000
relayed=7778 # a gated port
seconds=2    # of a transfer, and of short connections
trips=2000
idle=5000
all='direct socat haproxy haproxy-splice share relay'
if [ "$turns" -le 1 ]; then # it is only to be seen that it runs
    seconds=0.3
    trips=100
    idle=100
fi

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# configure MODE PREFIX: mayflyd shares port 9004, and relays what is let in to $relayed.
configure() {
    cat <<END
[listen]
tcp = ["[::]:9004"]
share = "127.0.0.1:$backend"

[door]
interface = "eth0"
prefix = "$2/64"
mode = "$1"

[service.probe]
port = $relayed
lease = "1h"
relay = "127.0.0.1:$backend"

[kernel]
owner = "nobody"

[paths]
clients = "$lab/etc/clients"
state = "$state"
socket = "$lab/run/control.sock"
END
}

# proxy NAME PORT OPTION: haproxy; one thread, as all the others have; and as many connections as it may hold.
proxy() {
    cat >"$lab/$1.cfg" <<END
global
    maxconn 7000
    nbthread 1
    stats socket $lab/$1.sock
defaults
    mode tcp
    $3
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen relay
    bind :::$2
    backlog 4096
    server backend 127.0.0.1:$backend
END
    # shellcheck disable=SC2086 # a command is words
    start server $pin_agent haproxy -db -f "$lab/$1.cfg" >"$lab/$1.log" 2>&1
}

# listens PORT: soon.
listens() {
    until [ -n "$(at server ss -Hltn sport = ":$1")" ]; do
        kill -0 "$started" 2>/dev/null || { cat "$lab"/*.log >&2; exit 1; }
        sleep 0.05
    done
}

everybody_up() {
    # shellcheck disable=SC2086 # a command is words
    start server $pin_flood "$lab/load" serve $backend >"$lab/backend"
    listens $backend
    # shellcheck disable=SC2086 # a command is words
    start server $pin_agent socat TCP6-LISTEN:9001,fork,reuseaddr,backlog=4096,nodelay TCP4:127.0.0.1:$backend,nodelay \
        2>"$lab/socat.log"
    socat=$started
    listens 9001
    proxy haproxy 9002 'no option splice-auto'
    haproxy=$started
    listens 9002
    proxy haproxy-splice 9003 'option splice-auto'
    haproxy_splice=$started
    listens 9003
    any share relay || return 0
    agent anyip 2001:db8:d:: owner
    door=$(ctl permit owner probe --source 2001:db8:1::2)
}

# reached ROW: sets $to and $port to where its client goes, and $relay to the process that relays.
reached() {
    to=2001:db8:3::2
    case $1 in
    direct) port=$backend relay= ;;
    socat) port=9001 relay=$socat ;;
    haproxy) port=9002 relay=$haproxy ;;
    haproxy-splice) port=9003 relay=$haproxy_splice ;;
    share) port=9004 relay=$agent ;;
    relay) to=$door port=$relayed relay=$agent ;;
    esac
}

# load WHAT ARGUMENT...: from the client to there.
load() {
    what=$1
    shift
    # shellcheck disable=SC2086 # a command is words
    at client timeout 60 $pin_flood "$lab/load" "$what" "$to" "$port" "$@"
}

# worked: the seconds of processor that $relay and its children have used, those that have ended too.
worked() {
    [ -n "$relay" ] || { echo 0; return 0; }
    for each in "$relay" $(pgrep -P "$relay" || :); do
        cat "/proc/$each/stat" 2>/dev/null || :
    done | awk -v "tick=$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); n += $12 + $13 + $14 + $15 } END { printf "%.2f", n / tick }'
}

# measured ROW MEASURE VALUE...: for the medians.
measured() {
    echo "$*" >>"$lab/turns"
}

# turn ROW
turn() {
    reached "$1"
    before=$(worked)
    load get 1 $seconds >"$lab/out"
    read -r bytes took <"$lab/out"
    measured "$1" get "$(awk "BEGIN { printf \"%.1f\", $bytes / $took / 1e6 }")"
    measured "$1" cpu "$(awk "BEGIN { printf \"%.4f\", ($(worked) - $before) / ($bytes / 1e9) }")"
    load get 8 $seconds >"$lab/out"
    read -r bytes took <"$lab/out"
    measured "$1" get8 "$(awk "BEGIN { printf \"%.1f\", $bytes / $took / 1e6 }")"
    load short 32 $seconds >"$lab/out"
    read -r count took failures <"$lab/out"
    measured "$1" short "$(awk "BEGIN { printf \"%.1f\", $count / $took }")"
    [ "$failures" = 0 ] || note "$1: $failures short connections ended without their byte"
    load trip $trips >>"$lab/$1.trip"
    load hello $((trips / 4)) >>"$lab/$1.hello"
}

# held ROW: what it takes of memory with $idle connections on which nobody says anything, once they have reached the backend.
held() {
    reached "$1"
    [ -n "$relay" ] || return 0
    measured "$1" empty "$(taken)"
    # shellcheck disable=SC2086 # a command is words
    start client $pin_flood "$lab/load" hold "$to" "$port" $idle >"$lab/hold"
    held=$started
    tries=600
    until [ "$(at server ss -Htn state established sport = :$backend | wc -l)" -ge $idle ]; do
        tries=$((tries - 1))
        if [ $tries = 0 ] || ! kill -0 "$held" 2>/dev/null; then
            failed "$1-idle" "$1" "not all of $idle connections have reached the backend"
            break
        fi
        sleep 0.1
    done
    measured "$1" idle "$(taken)"
    stop "$held"
    until [ "$(at server ss -Htn state connected exclude time-wait sport = :$backend | wc -l)" = 0 ]; do
        sleep 0.1
    done
}

# taken: MB of $relay and its children, each page shared out among those who share it (Pss).
taken() {
    for each in "$relay" $(pgrep -P "$relay" || :); do
        cat "/proc/$each/smaps_rollup" 2>/dev/null || :
    done | awk '/^Pss:/ { n += $2 } END { printf "%.1f", n / 1024 }'
}

# part FILE PERCENT: of its numbers.
part() {
    sort -n "$1" | awk -v "percent=$2" '{ t[NR] = $1 } END { printf "%.0f", t[int(percent / 100 * (NR - 1) + 0.5) + 1] }'
}

# middle ROW MEASURE FORMAT: the median of its turns.
middle() {
    awk -v "row=$1" -v "measure=$2" '$1 == row && $2 == measure { print $3 }' "$lab/turns" | sort -n |
        awk -v "format=$3" '{ t[NR] = $1 } END { if (NR) printf format, (t[int((NR + 1) / 2)] + t[int(NR / 2) + 1]) / 2 }'
}

row() {
    result "row=$1" "mb_s=$(middle "$1" get %.0f)" "mb_s_8=$(middle "$1" get8 %.0f)" "short_s=$(middle "$1" short %.0f)" \
        "trip_us=$(part "$lab/$1.trip" 50)" "trip_p99_us=$(part "$lab/$1.trip" 99)" \
        "hello_us=$(part "$lab/$1.hello" 50)" "hello_p99_us=$(part "$lab/$1.hello" 99)"
    [ "$1" = direct ] || result_more "cpu_s_gb=$(middle "$1" cpu %.3f)" "empty_mb=$(middle "$1" empty %.1f)" \
        "idle_mb=$(middle "$1" idle %.1f)"
}

# result_more KEY=VALUE...: in the last row.
result_more() {
    more=$(printf '|%s' "$@")
    sed "\$s/\$/$more/" "$lab/rows" >"$lab/rows.more"
    mv "$lab/rows.more" "$lab/rows"
}

table() {
    columns row mb_s mb_s_8 short_s trip_us trip_p99_us hello_us hello_p99_us cpu_s_gb empty_mb idle_mb
}

agent=
door=
chosen=
for name in $all; do
    ! wanted "$name" || chosen="$chosen $name"
done
[ -n "$chosen" ] || { echo "there is no row like $rows" >&2; exit 1; }

bench_up load
pinned
for host in client server; do
    at $host sh -c 'echo 16384 65535 >/proc/sys/net/ipv4/ip_local_port_range'
done
everybody_up
say 'memory'
for name in $chosen; do
    held "$name"
done
say 'warm-up'
for name in $chosen; do
    turn "$name"
done
for name in $chosen; do
    rm "$lab/$name.trip" "$lab/$name.hello"
done
grep -E ' (empty|idle) ' "$lab/turns" >"$lab/kept" || :
mv "$lab/kept" "$lab/turns"
n=0
while [ $n -lt "$turns" ]; do
    n=$((n + 1))
    say "turn $n of $turns"
    for name in $chosen; do
        turn "$name"
    done
done
for name in $chosen; do
    row "$name"
done
finish
