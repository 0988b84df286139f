# shellcheck shell=sh disable=SC2154,SC2034
# What the yardsticks in the lab have in common. Read by a script that has set $here, $home, $runs and $format and has
# read lab.sh; it ends with finish.
#
#   bench_up                 the lab, the programs, and a service on the server that takes every connection
#   agent MODE PREFIX [CLIENT...]   mayflyd with its doors there, and with MAYFLY_AGENT_OPTS for a profiler, say; each client's URI is in $lab/uri-CLIENT, the first's in
#                            $lab/uri as well
#   genuine COUNT            knocks of the first client, for probe
#   probe ROW HOST PORT WAIT sends each knock in $lab/list and takes the time
#   flooded HOST LENGTH [OPTION...]   packets from the stranger until calm; $offered is then how many came a second
#   driven RATE SECONDS LENGTH   the same out of the router's driver: first polled, afterwards not_polled
#   in_force                 whether the gate is the one that was asked for
#
# rows.sh is read too, for what comes out.

# shellcheck source=packaging/src/bench/rows.sh
. "$here/rows.sh"

service=7777
knocks=62201
gap=25      # ms between two runs
retry=0.1   # ms between two connections
junk=10000  # packets a second; 0: as many as there can be

# What agent writes into the configuration; reset puts it back.
reset() {
    lease=30s
    quota=10000
    rate=1000
    limit=10000
    window=30s
    gate=       # [listen] gate, if there is to be one
    state=$lab/state
}

# Where things run, when they are not to disturb each other: words before a command.
pin_flood=
pin_agent=
pin_probe=

say() {
    printf '%s\n' "$*" >&2
}

ctl() {
    at server timeout 30 "$home/bin/mayflyctl" --socket "$lab/run/control.sock" "$@"
}

# shellcheck disable=SC2120 # more programs are not always wanted
bench_up() {
    jdk=$MAYFLY_JAVA_HOME
    lab_up
    reset
    : >"$lab/notes"
    : >"$lab/rows"
    for source in probe sink flood "$@"; do
        cc -O2 -o "$lab/$source" "$here/$source.c"
    done
    start server "$lab/sink" $service >"$lab/sink.out"
    until grep -q ready "$lab/sink.out"; do
        kill -0 "$started"
        sleep 0.05
    done
}

# pinned: the stranger and the client on the first processor, where the packets go through the kernel too, and mayflyd on
# the second. What knocks goes before what floods, as if it were on a machine of its own.
pinned() {
    if [ "$(getconf _NPROCESSORS_ONLN)" -lt 2 ]; then
        note 'one processor for all: the flood takes from mayflyd what it needs itself'
        return 0
    fi
    pin_flood='taskset -c 0'
    pin_probe='taskset -c 0'
    pin_agent='taskset -c 1'
    ! chrt -f 1 true 2>/dev/null || pin_probe='chrt -f 1 taskset -c 0'
}

configure() {
    [ -z "$gate" ] || printf '[listen]\ngate = "%s"\n\n' "$gate"
    cat <<END
[door]
interface = "eth0"
prefix = "$2/64"
mode = "$1"
limit = $limit

[knock]
window = "$window"

[quota]
leases = $quota
rate = $rate

[service.probe]
port = $service
lease = "$lease"

[kernel]
owner = "nobody" # the yardstick writes into the same table

[paths]
clients = "$lab/etc/clients"
state = "$state"
socket = "$lab/run/control.sock"
END
}

agent() {
    (umask 077 && rm -rf "${lab:?}/etc" "$lab/run" "${state:?}"/* && mkdir -p "$lab/etc/clients" "$state" "$lab/run")
    configure "$1" "$2" >"$lab/etc/mayflyd.toml"
    chmod 600 "$lab/etc/mayflyd.toml"
    mode=$1
    shift 2
    # shellcheck disable=SC2086 # a command is words
    start server $pin_agent env "MAYFLY_JAVA_OPTS=${MAYFLY_AGENT_OPTS:-${MAYFLY_JAVA_OPTS:-}}" "$home/bin/mayflyd" --config "$lab/etc/mayflyd.toml" >"$lab/mayflyd.log" 2>&1
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
    [ $# -gt 0 ] || set -- "$mode"
    for name in "$@"; do
        ctl client add "$name" --service probe >"$lab/uri-$name"
    done
    cp "$lab/uri-$1" "$lab/uri"
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

# knocks_of KIND COUNT FILE CLIENT...: packets for flood -f, of these clients in turn.
knocks_of() {
    kind=$1
    count=$2
    file=$3
    shift 3
    for name in "$@"; do
        cat "$lab/uri-$name"
    done | "$jdk/bin/java" -cp "$home/lib/*" "$here/Knocks.java" "$count" "$kind" "$file"
}

# probe ROW KNOCKADDRESS KNOCKPORT WAIT
probe() {
    # shellcheck disable=SC2086 # a command is words
    at client timeout 400 $pin_probe "$lab/probe" "$2" "$3" $service "$lab/list" $gap $retry "$4" "$lab/$1.times" \
        >/dev/null || :
}

# flooded HOST LENGTH [OPTION...]: see flood.c
flooded() {
    to=$1
    length=$2
    shift 2
    # shellcheck disable=SC2086 # a command is words
    start client2 $pin_flood "$lab/flood" "$@" "$to" $knocks $junk 400 "$length" >"$lab/flood.out"
    flood=$started
}

calm() {
    [ ! -s "$lab/flood.out" ] || note 'a flood was over before what it should have disturbed'
    stop "$flood"
    read -r sent seconds <"$lab/flood.out"
    offered=$(awk "BEGIN { printf \"%d\", $sent / $seconds }")
    [ "$junk" != 0 ] && [ "$offered" -lt $((junk * 9 / 10)) ] || return 0
    note "the junk did not come at $junk/s: $sent packets in $seconds s"
}

# polled: the server's interface is served by a thread of its own, on the second processor; $napi is its id. Not without
# the right to it.
polled() {
    not_polled || return 1
    napi_threads >"$lab/napi"
    at server "$lab/xdp" gro eth0 on && threaded 1 || return 1
    napi=$(napi_threads | comm -13 "$lab/napi" -)
    case $napi in
    '' | *[!0-9]*)
        echo "which thread serves eth0? new are: $(echo "$napi" | paste -sd' ')" >&2
        return 1
        ;;
    esac
    taskset -p -c $(($(getconf _NPROCESSORS_ONLN) > 1)) "$napi" >/dev/null
}

# Those of every eth0 of this machine: other labs have one too.
napi_threads() {
    ps -e -o pid= -o comm= | awk '$2 ~ /^napi\/eth0-/ { print $1 }' | sort
}

not_polled() {
    threaded 0
    at server "$lab/xdp" gro eth0 off
}

threaded() {
    # shellcheck disable=SC2016 # the inner shell expands it
    at server unshare -m sh -c 'mount -t sysfs sysfs /sys && echo "$1" >/sys/class/net/eth0/threaded' sh "$1"
}

# driven RATE SECONDS LENGTH: packets that come out of the router's driver, until calm or for so long.
driven() {
    mac=$(at server ip -o link show eth0 | sed 's/.*ether \([0-9a-f:]*\).*/\1/')
    # shellcheck disable=SC2086 # a command is words
    start router $pin_flood "$lab/xdp" send to-server "$mac" 2001:db8:2::2 2001:db8:3::2 $knocks "$@" >"$lab/flood.out"
    flood=$started
}

# arrived: how many packets have come in at the server.
arrived() {
    # shellcheck disable=SC2016 # that is for awk
    at server awk '$1 == "eth0:" { print $3 }' /proc/net/dev
}

# counted PATTERN: the sum of what mayflyd has counted under such names.
counted() {
    ctl metrics | awk -v "pattern=^($1)$" '$1 ~ pattern { n += $2 } END { printf "%d", n }'
}

# spent PID: its CPU time, seconds.
spent() {
    awk -v "tick=$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.2f", ($12 + $13) / tick }' "/proc/$1/stat"
}

# resident PID: in MB.
resident() {
    awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"
}

# ran PID: nanoseconds on a processor, of all its threads.
ran() {
    awk '{ n += $1 } END { printf "%.0f", n }' "/proc/$1"/task/*/schedstat
}

# in_force: whether the gate is soon the one that was asked for; $force is the one that status names.
in_force() {
    tries=10
    until
        force=$(ctl --json status | sed -n 's/.*"in_force": *"\([a-z]*\)".*/\1/p')
        case $gate:$force in
        user:length | user:user | socket:socket | xdp:xdp) true ;;
        *) false ;;
        esac
    do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.2
    done
}
