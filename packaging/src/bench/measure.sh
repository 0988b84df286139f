#!/bin/sh
# measure.sh HOME RUNS table|json: from a knock to the first TCP connection through its door, in the lab; started by
# packaging/bench as root of a private network. What is compared takes turns, block by block, so that what the machine
# does besides hits all alike.
set -eu
here=$(dirname "$0")
home=$1
runs=$2
format=$3
# shellcheck source=packaging/src/lab/lab.sh
. "$here/../lab/lab.sh"
# shellcheck source=packaging/src/bench/peers.sh
. "$here/peers.sh"

block=40    # runs of one before it is the other's turn
usual=25    # ms between two runs
gap=$usual
many=2000   # knocks after which Java has compiled what there is to compile
retry=0.1   # ms between two connections
head=5      # ms that a client waits which does not want to come before the address
slow=10     # runs of a block, and a fifth of all, where a run takes a second
service=7777
knocks=62201
reference=62202
junk=10000  # packets a second

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() {
    printf '%s\n' "$*" >&2
}

ctl() {
    at server timeout 30 "$home/bin/mayflyctl" --socket "$lab/run/control.sock" "$@"
}

compile() {
    for source in probe sink flood reference; do
        cc -O2 -o "$lab/$source" "$here/$source.c"
    done
}

# agent MODE PREFIX: starts mayflyd with its doors there, and waits until it takes knocks.
agent() {
    (umask 077 && mkdir -p "$lab/etc/clients" "$lab/state" "$lab/run")
    cat >"$lab/etc/mayflyd.toml" <<END
[door]
interface = "eth0"
prefix = "$2/64"
mode = "$1"
limit = 10000

[quota]
leases = 10000
rate = 1000

[service.probe]
port = $service
lease = "30s"

[kernel]
owner = "nobody" # the yardstick writes into the same table

[paths]
clients = "$lab/etc/clients"
state = "$lab/state"
socket = "$lab/run/control.sock"
END
    chmod 600 "$lab/etc/mayflyd.toml"
    start server "$home/bin/mayflyd" --config "$lab/etc/mayflyd.toml" >>"$lab/mayflyd.log" 2>&1
    agent=$started
    tries=600
    until [ -S "$lab/run/control.sock" ] && ctl --json status >"$lab/status" 2>&1 &&
        ! grep -q '"refusing_until":"' "$lab/status"; do
        tries=$((tries - 1))
        if [ $tries = 0 ] || ! kill -0 "$agent" 2>/dev/null; then
            tail -n 15 "$lab/mayflyd.log" >&2
            exit 1
        fi
        sleep 0.2
    done
    ctl client add "$1" --service probe >"$lab/uri"
}

agent_down() {
    stop "$agent"
    at server nft delete table inet mayfly
    at server ip -6 route flush table local proto 77
}

# genuine COUNT: knocks in $lab/list, each to be used once, within half a minute.
genuine() {
    "$jdk/bin/java" -cp "$home/lib/*" "$here/Knocks.java" "$1" <"$lab/uri" >"$lab/list"
}

# invented PREFIX COUNT: the same for the yardstick, which takes the last half of the door from the packet.
invented() {
    od -An -v -tx1 -w96 -N$((96 * $2)) /dev/urandom | awk -v "prefix=${1%::}:0" '{
        gsub(/ /, "")
        print prefix ":" substr($0, 17, 4) ":" substr($0, 21, 4) ":" substr($0, 25, 4) ":" substr($0, 29, 4), $0
    }' >"$lab/list"
}

# probe ROW KNOCKADDRESS KNOCKPORT WAIT
probe() {
    at client timeout 400 "$lab/probe" "$2" "$3" $service "$lab/list" $gap $retry "$4" "$lab/$1.times" >/dev/null || :
}

# turns ROW MODE PREFIX WAIT RUNS BLOCK: mayflyd and the yardstick, on the one table that mayflyd has put up.
turns() {
    interface=
    [ "$2" = anyip ] || interface=eth0
    turn=0
    while [ $turn -lt "$5" ]; do
        genuine "$6"
        probe "$1" 2001:db8:3::2 $knocks "$4"
        invented "$3" "$6"
        # It says nothing when it is ready; a datagram to a port that nobody has would be refused.
        # shellcheck disable=SC2086 # no interface, no argument
        start server "$lab/reference" $reference $service "$3" $interface
        until at server ss -Huln sport = :$reference | grep -q .; do
            sleep 0.05
        done
        probe "$1-c" 2001:db8:3::2 $reference "$4"
        stop "$started"
        turn=$((turn + $6))
    done
    row "$1" "mayflyd, $2$7"
    row "$1-c" "C, the same netlink work, $2$7"
}

# flooded PORT HOST LENGTH [text]: junk from the stranger until calm.
flooded() {
    start client2 "$lab/flood" "$2" "$1" $junk 400 "$3" ${4:+"$4"} >"$lab/flood.out"
    flood=$started
}

calm() {
    stop "$flood"
    read -r sent seconds <"$lab/flood.out"
    awk "BEGIN { exit !($sent / $seconds < 0.9 * $junk) }" || return 0
    note "the junk did not come at $junk/s: $sent packets in $seconds s"
}

# alone ROW NAME: mayflyd in mode anyip, while nobody takes turns with it.
alone() {
    turn=0
    while [ $turn -lt "$runs" ]; do
        genuine $block
        probe "$1" 2001:db8:3::2 $knocks 0
        turn=$((turn + block))
    done
    row "$1" "$2"
}

# row ROW NAME: what came out, for the table.
row() {
    grep -v failed "$lab/$1.times" | sort -n >"$lab/sorted" || :
    awk -v "row=$1" -v "name=$2" -v "all=$(wc -l <"$lab/$1.times")" '
        { t[NR] = $1 }
        function at(part) { return NR ? t[int(part * (NR - 1) + 0.5) + 1] : -1 }
        END { printf "%s|%s|%d|%d|%.3f|%.3f|%.3f|%.3f\n", row, name, NR, all, at(0), at(0.5), at(0.95), at(1) }
    ' "$lab/sorted" >>"$lab/rows"
}

note() {
    printf '%s\n' "$*" >>"$lab/notes"
}

mayfly() {
    say "mayflyd, mode $1"
    agent "$1" "$2"
    genuine 1
    probe "$1-first" 2001:db8:3::2 $knocks "$3"
    row "$1-first" "mayflyd, $1, the first knock since its start"
    if [ "$1" = anyip ]; then
        turns anyip anyip "$2" 0 "$runs" $block ''
        flooded $knocks 2001:db8:3::2 96
        alone anyip-junk "mayflyd, anyip, junk at $junk/s"
        calm
        genuine $many
        gap=1
        probe anyip-many 2001:db8:3::2 $knocks 0
        gap=$usual
        alone anyip-warm "mayflyd, anyip, after $many knocks more"
    else
        turns address address "$2" "$head" "$runs" $block ", connecting after $head ms"
        retry=0.5
        turns address-once address "$2" 0 $((runs / 5)) $slow ', connecting at once'
        retry=0.1
    fi
    agent_down
}

table() {
    awk -F'|' '
        BEGIN { printf "%-58s %9s %9s %9s %9s %9s\n", "knock to first TCP connection, ms", "succeeded", "median", "p95", "min", "max" }
        { printf "%-58s %9s", $2, $3 "/" $4
          if ($3 > 0) printf " %9.2f %9.2f %9.2f %9.2f\n", $6, $7, $5, $8; else print "" }
    ' "$lab/rows"
    [ ! -s "$lab/notes" ] || cat "$lab/notes"
    machine
}

machine() {
    printf '%s cores, Linux %s, %s, %s\n' "$(getconf _NPROCESSORS_ONLN)" "$(uname -r)" \
        "$("$jdk/bin/java" -version 2>&1 | sed -n 2p)" "$(date -u +%Y-%m-%d)"
}

json() {
    awk -F'|' -v "machine=$(machine)" -v "notes=$(paste -sd';' "$lab/notes")" '
        BEGIN { printf "{\"machine\":\"%s\",\"notes\":\"%s\",\"rows\":[", machine, notes }
        { printf "%s{\"row\":\"%s\",\"name\":\"%s\",\"ok\":%d,\"runs\":%d", NR > 1 ? "," : "", $1, $2, $3, $4
          if ($3 > 0) printf ",\"min_ms\":%s,\"median_ms\":%s,\"p95_ms\":%s,\"max_ms\":%s", $5, $6, $7, $8
          printf "}" }
        END { print "]}" }
    ' "$lab/rows"
}

jdk=$MAYFLY_JAVA_HOME
lab_up
: >"$lab/notes"
compile
start server "$lab/sink" $service >"$lab/sink.out"
until grep -q ready "$lab/sink.out"; do
    kill -0 "$started"
    sleep 0.05
done
mayfly anyip 2001:db8:d:: 0
mayfly address 2001:db8:3:: $head
measure_fwknop
measure_knockd
$format
