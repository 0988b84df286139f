#!/bin/sh
# memory.sh HOME MILLIONS table|json: the memory of mayflyd when it is idle, after a million and after MILLIONS packets of
# junk that it has read, and after knocks that it has accepted; started by packaging/bench as root of a private network.
set -eu
here=$(dirname "$0")
# shellcheck disable=SC2034 # bench.sh reads it
home=$1
millions=$2
format=$3
# shellcheck source=packaging/src/lab/lab.sh
. "$here/../lab/lab.sh"
# shellcheck source=packaging/src/bench/bench.sh
. "$here/bench.sh"

accepted=$((millions * 10000))
[ $accepted -ge 1000 ] || accepted=1000

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# memory NAME
memory() {
    say "$1"
    result "after=$1" "$(awk '
        /^VmRSS|^VmHWM/ { printf "%s%s=%.1f", sep, $1 == "VmRSS:" ? "resident_mb" : "most_mb", $2 / 1024; sep = "|" }
        ' "/proc/$agent/status")" "$(awk '/^Pss:/ { printf "pss_mb=%.1f", $2 / 1024 }' "/proc/$agent/smaps_rollup")" \
        "$(ctl --json status | awk '{
            if (match($0, /"pending":[0-9]+/)) n += substr($0, RSTART + 10, RLENGTH - 10)
            if (match($0, /"active":[0-9]+/)) n += substr($0, RSTART + 9, RLENGTH - 9)
        } END { printf "leases=%d", n }')" "read=$(counted 'mayfly_knocks_.*')"
}

# read_in_all COUNT [OPTION...]: packets until mayflyd has read so many, for two minutes at most.
read_in_all() {
    count=$1
    shift
    junk=0
    flooded 2001:db8:3::2 96 "$@"
    tries=60
    until [ "$(counted 'mayfly_knocks_.*')" -ge "$count" ]; do
        tries=$((tries - 1))
        if [ $tries = 0 ]; then
            note "mayflyd had read less than $count packets after two minutes"
            break
        fi
        sleep 1
    done
    calm
}

table() {
    columns after read leases resident_mb most_mb pss_mb
}

bench_up
pinned
quota=1000000
rate=1000000
limit=1000000
window=10m
lease=10s
[ "$millions" != 0 ] || lease=1s # it is only to be seen that it runs
gate=user # so that mayflyd has something to read
agent anyip 2001:db8:d:: owner
memory 'its start'
genuine 1
probe first 2001:db8:3::2 $knocks 0
memory 'one knock'
if [ "$millions" -gt 1 ]; then
    read_in_all 1000000
    memory '1 million packets of junk'
fi
read_in_all $((millions * 1000000))
memory "$millions million packets of junk"
knocks_of wrong 20000 "$lab/wrong" owner
read_in_all $((millions * 1200000)) -s 48 -f "$lab/wrong"
memory 'wrong proofs, from 65,536 networks'
knocks_of genuine $accepted "$lab/knocks" owner
at client2 "$lab/flood" -1 -s 48 -f "$lab/knocks" 2001:db8:3::2 $knocks 5000 60 96 >/dev/null
memory "$accepted knocks, leases of $lease"
tries=60
until [ "$(counted 'mayfly_leases_(pending|active|session)')" = 0 ] || [ $tries = 0 ]; do
    tries=$((tries - 1))
    sleep 1
done
memory 'their end'
finish
