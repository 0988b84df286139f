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
# shellcheck source=packaging/src/bench/bench.sh
. "$here/bench.sh"
# shellcheck source=packaging/src/bench/peers.sh
. "$here/peers.sh"

block=40    # runs of one before it is the other's turn
usual=$gap
many=2000   # knocks after which Java has compiled what there is to compile
head=5      # ms that a client waits which does not want to come before the address
slow=10     # runs of a block, and a fifth of all, where a run takes a second
reference=62202

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# invented PREFIX COUNT: the same for the yardstick, which takes the last half of the door from the packet.
invented() {
    od -An -v -tx1 -w96 -N$((96 * $2)) /dev/urandom | awk -v "prefix=${1%::}:0" '{
        gsub(/ /, "")
        print prefix ":" substr($0, 17, 4) ":" substr($0, 21, 4) ":" substr($0, 25, 4) ":" substr($0, 29, 4), $0
    }' >"$lab/list"
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

# row ROW NAME: what came out.
row() {
    result "row=$1" "name=$2" "$(figures "$1")"
}

mayfly() {
    say "mayflyd, mode $1"
    agent "$1" "$2"
    genuine 1
    probe "$1-first" 2001:db8:3::2 $knocks "$3"
    row "$1-first" "mayflyd, $1, the first knock since its start"
    if [ "$1" = anyip ]; then
        turns anyip anyip "$2" 0 "$runs" $block ''
        flooded 2001:db8:3::2 96
        alone anyip-junk "mayflyd, anyip, junk at $junk/s"
        calm
        genuine $many
        gap=1
        probe anyip-many 2001:db8:3::2 $knocks 0
        turns anyip-hot anyip "$2" 0 "$runs" $block ", $gap ms after the one before"
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
    columns name ok runs median_ms p95_ms min_ms max_ms
}

bench_up reference
mayfly anyip 2001:db8:d:: 0
mayfly address 2001:db8:3:: $head
measure_fwknop
measure_knockd
finish
