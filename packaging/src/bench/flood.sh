#!/bin/sh
# flood.sh HOME RUNS table|json [ROWS]: how many genuine knocks open their door while somebody floods the knock port, and
# how soon; in the lab. ROWS are patterns, as of case; started by packaging/bench as root of a private network.
#
# The stranger, the client and all that the kernel does for their packets are on the first processor, mayflyd is on the
# second. While a flood lasts, the client sends its knocks, each once, and tries to connect. A row with a hundred knocks lost
# takes minutes: so those that have nothing new to say, junk out of the driver at a gate that is not the driver's, are measured
# by their name only.
set -eu
here=$(dirname "$0")
# shellcheck disable=SC2034 # bench.sh reads it
home=$1
runs=$2
format=$3
rows=${4:-*}
# shellcheck source=packaging/src/lab/lab.sh
. "$here/../lab/lab.sh"
# shellcheck source=packaging/src/bench/bench.sh
. "$here/bench.sh"
# shellcheck source=packaging/src/bench/peers.sh
. "$here/peers.sh"

block=100     # knocks made at once: none is older than a few seconds when it is sent
fwknop_runs=20
rates='10000 50000 200000 0'
driver=1000000 # and so many as no sender makes that is a program
hostile=50000 # a second, of packets that get past the gate
packets=20000 # different ones of them
in_the_kernel='mayfly_gate_(socket|xdp)_(length|tag)_total' # what it refuses is counted as if mayflyd had read it
greedy=3000000 # knocks of a client that wants more than it may have: for as long as a row takes, whatever the sender can do

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

named() {
    if [ "$1" = 0 ]; then
        echo most
    else
        echo "$1"
    fi
}

# up MODE PREFIX [CLIENT...]: mayflyd, when Java has compiled what a knock goes through. In mode address each door takes a
# place in the router's table of neighbours, which has 1,024 (gc_thresh3) and keeps them for a minute.
up() {
    agent "$@"
    warm=$((5 * all))
    [ "$1" = anyip ] || warm=$((2 * all))
    genuine $warm
    gap=1
    probe warm 2001:db8:3::2 $knocks 0
    gap=$usual
}

# under ROW NAME [OPTION...]: the row, while flood with these options goes on at $junk a second.
under() {
    row=$1
    name=$2
    shift 2
    wanted "$row" || return 0
    say "$row"
    before=$(counted 'mayfly_knocks_.*')
    gated=$(counted "$in_the_kernel")
    there=$(arrived)
    $flooder "$@"
    busy=$(spent "$agent")
    since=$(date +%s%N)
    knock "$row" genuine 2001:db8:3::2
    busy=$(awk "BEGIN { printf \"%.0f\", ($(spent "$agent") - $busy) * 1e11 / ($(date +%s%N) - $since) }")
    calm
    there=$(($(arrived) - there))
    gated=$(($(counted "$in_the_kernel") - gated))
    seen=$(($(counted 'mayfly_knocks_.*') - before - runs - gated))
    [ $seen -ge 0 ] || seen=0 # knocks that never came
    result "row=$row" "name=$name" "gate=${gate:-auto}" "mode=$mode" "offered=$offered" \
        "$(awk "BEGIN {
            printf \"arrived=%.0f%%|gated=%.0f%%|read=%.0f%%\", 100 * $there / $sent, 100 * $gated / $sent, 100 * $seen / $sent
        }")" "agent=$busy%" "$(figures "$row")"
}

# knock ROW MAKER HOST: the runs of a row, with knocks that MAKER COUNT makes.
knock() {
    turn=0
    while [ $turn -lt "$runs" ]; do
        $2 $((runs - turn < block ? runs - turn : block))
        probe "$1" "$3" $knocks 0
        turn=$((turn + block))
    done
}

# rates_of GATE: XDP is for more than a few.
rates_of() {
    if [ "$1" = xdp ]; then
        echo 0
    else
        echo "$rates"
    fi
}

# junk_rows WHO RATE...: their names.
junk_rows() {
    who=$1
    shift
    for junk in "$@"; do
        echo "junk-$who-$(named "$junk")"
    done
}

# driver_wanted: of xdp always, of others if somebody asks for them.
driver_wanted() {
    wanted "junk-anyip-$gate-driver" && { [ "$gate" = xdp ] || [ "${rows:-*}" != '*' ]; }
}

junk_of() {
    # shellcheck disable=SC2046 # words
    set -- $(junk_rows "anyip-$gate" $(rates_of "$gate"))
    any "$@" || driver_wanted || return 0
    up anyip 2001:db8:d::
    if ! in_force; then
        for row in "$@" "junk-anyip-$gate-driver"; do
            ! wanted "$row" || failed "$row" junk "the gate in force is \"$force\""
        done
        agent_down
        return 0
    fi
    for junk in $(rates_of "$gate"); do
        under "junk-anyip-$gate-$(named "$junk")" junk
    done
    out_of_the_driver
    agent_down
}

# What comes out of the router's driver costs the first processor next to nothing, and all that the server does for it is on
# the second, as if that were the whole machine.
out_of_the_driver() {
    driver_wanted || return 0
    if ! polled 2>"$lab/refused"; then
        note "no frames out of the driver here: $(tail -n 1 "$lab/refused")"
        return 0
    fi
    junk=$driver
    flooder="driven $junk 400 96"
    under "junk-anyip-$gate-driver" 'junk out of the driver'
    flooder=$usually
    not_polled
}

floods_of_junk() {
    for gate in user socket xdp; do
        junk_of
    done
    gate=
    any junk-address-50000 || return 0
    up address 2001:db8:3::
    junk=50000
    under junk-address-50000 junk
    agent_down
}

floods_of_replays() {
    any replay-1 replay-1-most replay-1000 replay-1000-most || return 0
    up anyip 2001:db8:d::
    knocks_of genuine 1000 "$lab/captured" anyip
    taken=$(counted mayfly_knocks_accepted_total)
    at client "$lab/flood" -f "$lab/captured" -1 2001:db8:3::2 $knocks 500 10 96 >/dev/null
    taken=$(($(counted mayfly_knocks_accepted_total) - taken))
    [ $taken = 1000 ] || note "of the 1,000 knocks to be replayed $taken had been accepted"
    head -c 96 "$lab/captured" >"$lab/captured-1"
    for junk in $hostile 0; do
        most=
        [ "$junk" != 0 ] || most=-most
        under replay-1$most 'a genuine packet, over and over' -f "$lab/captured-1"
        under replay-1000$most '1,000 genuine packets, over and over' -f "$lab/captured"
    done
    agent_down
}

floods_past_the_gate() {
    any wrong-one wrong-64 wrong-4000 wrong-many wrong-most unknown greedy || return 0
    up anyip 2001:db8:d:: owner greedy
    knocks_of wrong $packets "$lab/wrong" greedy
    knocks_of unknown $packets "$lab/unknown" greedy
    junk=$hostile
    under wrong-one 'wrong proofs, one source' -f "$lab/wrong"
    under wrong-64 'wrong proofs, all of a /64' -s 64 -f "$lab/wrong"
    under wrong-4000 'wrong proofs, 4,000 /64s' -s 48 -n 4000 -f "$lab/wrong"
    under wrong-many 'wrong proofs, 65,536 /64s' -s 48 -f "$lab/wrong"
    under unknown 'unknown key ids, 65,536 /64s' -s 48 -f "$lab/unknown"
    junk=0
    under wrong-most 'wrong proofs, 65,536 /64s' -s 48 -f "$lab/wrong"
    agent_down
    any greedy || return 0
    quota=200
    rate=50
    window=5m # they are made before
    agent anyip 2001:db8:d:: owner greedy
    reset
    junk=0
    knocks_of genuine $greedy "$lab/greedy" greedy
    under greedy 'genuine knocks over the quota, 65,536 /64s' -1 -s 48 -f "$lab/greedy"
    rm "$lab/greedy"
    agent_down
}

floods_of_fwknop() {
    # shellcheck disable=SC2046,SC2086 # words
    any $(junk_rows fwknop $rates) || return 0
    ! fwknop_missing || return 0
    runs=$fwknop_runs
    fwknop_up $((runs * 4))
    port_now=$first_port
    for junk in $rates; do
        wanted "junk-fwknop-$(named "$junk")" || continue
        say "junk-fwknop-$(named "$junk")"
        flooded 198.51.100.2 225 -t
        knock "junk-fwknop-$(named "$junk")" fwknop_next 198.51.100.2
        calm
        result "row=junk-fwknop-$(named "$junk")" 'name=fwknop, junk' "offered=$offered" \
            "$(figures "junk-fwknop-$(named "$junk")")"
    done
    fwknop_down
    runs=$all
}

fwknop_next() {
    fwknop_packets "$port_now" "$1"
    port_now=$((port_now + $1))
}

table() {
    columns row name gate mode offered arrived gated read agent ok runs median_ms p99_ms max_ms
}

retry=0.25
usual=$gap
all=$runs
usually='flooded 2001:db8:3::2 96'
flooder=$usually
bench_up xdp
pinned
floods_of_junk
floods_of_replays
floods_past_the_gate
floods_of_fwknop
finish
