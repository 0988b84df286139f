#!/bin/sh
# demo.sh HOME [--shell]: the main job in the lab, step by step, for both places where doors can be; started by
# packaging/try as root of a private network. Every "ok" was observed, by ssh or by tools that are not ours.
set -eu
here=$(dirname "$0")
bin=$1/bin
# shellcheck source=packaging/src/lab/lab.sh
. "$here/lab.sh"

lease=10 # seconds a door takes new connections

trap lab_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

ok() {
    printf '  ok    %s\n' "$*"
}

# fail EXPECTED SEEN
fail() {
    printf '  FAIL  expected: %s\n        seen:     %s\n' "$1" "${2:-nothing}"
    if [ -s "$lab/mayflyd.log" ]; then
        echo '        the last that mayflyd said:'
        tail -n 15 "$lab/mayflyd.log" | sed 's/^/        /'
    fi
    exit 1
}

# No step hangs: what takes longer than 30 s has failed. In the foreground, so that Ctrl-C ends it.
client() {
    at client env "MAYFLY_HOME=$lab/client" timeout --foreground 30 "$bin/mayfly" "$@"
}

ctl() {
    at server timeout --foreground 30 "$bin/mayflyctl" --socket "$lab/run/control.sock" "$@"
}

# ssh_from HOST ADDRESS COMMAND...
ssh_from() {
    from=$1
    shift
    at "$from" timeout --foreground 30 ssh -F "$lab/ssh_config" "$@" </dev/null 2>&1
}

# silent FROM ADDRESS: ssh gets no answer there. Nothing listens on an address that is not there, so "no route" will do.
silent() {
    if seen=$(ssh_from "$1" "$2" true); then
        fail "no answer to ssh from $1 to $2" "it got in"
    fi
    case $seen in
    *'timed out'* | *'No route to host'*) ;;
    *) fail "no answer to ssh from $1 to $2" "$seen" ;;
    esac
}

# agent PREFIX: starts mayflyd with its doors there.
agent() {
    mkdir -m 700 "$lab/etc" "$lab/etc/clients" "$lab/state" "$lab/run"
    cat >"$lab/etc/mayflyd.toml" <<END
[door]
interface = "eth0"
prefix = "$1"

[knock]
window = "5s"

[service.ssh]
port = 22
lease = "${lease}s"
session = "1h"

[paths]
clients = "$lab/etc/clients"
state = "$lab/state"
socket = "$lab/run/control.sock"
END
    chmod 600 "$lab/etc/mayflyd.toml"
    start server "$bin/mayflyd" --config "$lab/etc/mayflyd.toml" >>"$lab/mayflyd.log" 2>&1
    agent=$started
    until [ -S "$lab/run/control.sock" ]; do
        kill -0 "$agent" 2>/dev/null || fail 'mayflyd starts' 'it ended'
        sleep 0.05
    done
    # Without marks of earlier knocks, an agent takes none until nothing can be replayed to it any more.
    tries=20
    while :; do
        status=$(ctl --json status) || fail 'mayflyctl status answers' "$status"
        case $status in
        *'"refusing_until":"'* | *'"refusing_until": "'*) ;;
        *) return 0 ;;
        esac
        tries=$((tries - 1))
        [ $tries != 0 ] || fail 'mayflyd takes knocks' "$status"
        sleep 0.5
    done
}

# refused_everywhere PREFIX: every address that can be known, and two that could be guessed.
refused_everywhere() {
    link=$(at server ip -6 -brief address show dev eth0 scope link | sed 's|.*\(fe80:[^/]*\)/.*|\1|')
    tries=
    for each in 2001:db8:3::2 198.51.100.2 "${1}22" "${1}dead:beef:dead:beef"; do
        silent client "$each" &
        tries="$tries $!"
    done
    silent router "$link%to-server"
    for each in $tries; do
        wait "$each" || exit 1 # it said why
    done
    ok "ssh to 2001:db8:3::2, 198.51.100.2, $link, and guesses in $1/64: no answer"
}

knock() {
    door=$(client knock lab ssh) || fail 'mayfly knock prints the door' "$door"
    knocked=$(date +%s)
    case $door in
    "${1%::}":*) ok "mayfly knock lab ssh: $door" ;;
    *) fail "a door in $1/64" "$door" ;;
    esac
}

# A session that stays: what is written to it comes back with "session: " before it.
ssh_in() {
    mkfifo "$lab/in"
    exec 3<>"$lab/in"
    # shellcheck disable=SC2016 # for the shells that it starts
    start client sh -c 'exec ssh -F "$1" "$2" "$3" <"$4"' session "$lab/ssh_config" "$door" \
        'while read -r line; do echo "session: $line $SSH_CONNECTION"; done' "$lab/in" >"$lab/out" 2>&1
    session=$started
    alive "in through $door"
    ok "ssh to $door: in"
}

# alive WHAT: the session answers.
alive() {
    word=$(date +%s%N)
    echo "$word" >&3
    tries=50
    until grep -q "^session: $word .* $door 22\$" "$lab/out"; do
        tries=$((tries - 1))
        if [ $tries = 0 ] || ! kill -0 "$session" 2>/dev/null; then
            fail "a session $1" "$(cat "$lab/out")"
        fi
        sleep 0.1
    done
}

refused_to_stranger() {
    silent client2 "$door"
    ok "ssh from another machine to the same door: no answer"
}

leases() {
    seen=$(ctl leases) || fail 'mayflyctl leases lists the door' "$seen"
    case $seen in
    *alice*"$door"*active*) ok 'mayflyctl leases' ;;
    *) fail "alice, $door, active in mayflyctl leases" "$seen" ;;
    esac
    echo "$seen" | sed 's/^/          /'
}

# The door opens to nobody any more, no earlier than promised and not much later; the session does not notice.
gone() {
    took=0
    while ssh_from client "$door" true >/dev/null; do
        [ $took -le $((lease + 5)) ] || fail "no way in after $lease s" 'ssh still gets in'
        sleep 0.2
        took=$(($(date +%s) - knocked))
    done
    [ $took -ge $((lease - 1)) ] || fail "the door to stand $lease s" "it was shut after $took s"
    silent client "$door"
    alive 'that is still up'
    ok "after $took s ssh to $door: no answer; the session is still up"
}

revoke() {
    seen=$(ctl revoke --all 2>&1) || fail 'mayflyctl revoke --all' "$seen"
    tries=50
    while kill -0 "$session" 2>/dev/null; do
        tries=$((tries - 1))
        [ $tries != 0 ] || fail 'the session to be cut' 'it is still up'
        # A session that was reset is noticed when something is written.
        echo again 2>/dev/null >&3 || :
        sleep 0.1
    done
    exec 3>&-
    stop "$session"
    seen=$(ctl leases 2>/dev/null) || fail 'mayflyctl leases answers' "$seen"
    [ -z "$seen" ] || fail 'no lease' "$seen"
    # In the set "revoked" the door stays for a while, so that the session is not taken up again.
    seen=$(at server nft list set inet mayfly permits 2>&1) || fail 'the table to stand' "$seen"
    case $seen in
    *"$door"*) fail 'no permit in the table' "$seen" ;;
    esac
    seen=$(at server ip -6 address show to "$door" 2>&1) || fail 'ip address show works' "$seen"
    [ -z "$seen" ] || fail 'no such address' "$seen"
    ok 'mayflyctl revoke --all: the session is cut, no permit and no address is left'
}

# enrol NAME: the secret goes from one command to the other and nowhere else.
enrol() {
    ctl client add alice --service ssh >"$lab/uri" 2>"$lab/err" || fail "mayflyctl client add prints a URI" "$(cat "$lab/err")"
    seen=$(client enroll "$@" 2>&1 <"$lab/uri") || fail 'mayfly enroll takes the URI' "$seen"
    rm -f "$lab/uri"
    ok 'mayflyctl client add alice | mayfly enroll lab'
}

# tour PREFIX MODE WHAT
tour() {
    echo "$3"
    lab_up
    lab_sshd || fail 'sshd starts in the lab' 'what stands above'
    seen=$(ssh_from client 2001:db8:3::2 echo in) || fail 'ssh gets in before there is Mayfly' "$seen"
    ok 'before: ssh to 2001:db8:3::2 gets in'
    agent "$1/64"
    case $status in
    *'"mode":'*"\"$2\""*) ok "mayflyd is up, and chose mode $2" ;;
    *) fail "mode $2" "$status" ;;
    esac
    enrol lab
    refused_everywhere "$1"
    knock "$1"
    ssh_in
    refused_to_stranger
    leases
    gone
    revoke
    lab_down
}

shell() {
    lab_up
    lab_sshd || fail 'sshd starts in the lab' 'what stands above'
    agent 2001:db8:d::/64
    enrol lab >/dev/null
    mkdir "$lab/bin"
    for host in client2 router server; do
        eval "pid=\$$host"
        wrapper $host "nsenter --net=/proc/$pid/ns/net -- \"\$@\""
    done
    wrapper mayflyctl "exec nsenter --net=/proc/$pid/ns/net -- '$bin/mayflyctl' --socket '$lab/run/control.sock' \"\$@\""
    wrapper ssh "exec $(command -v ssh) -F '$lab/ssh_config' \"\$@\""
    wrapper mayfly "exec '$bin/mayfly' \"\$@\""
    cat <<END
You are the client, 2001:db8:1::2. The server, 2001:db8:3::2, has its doors in 2001:db8:d::/64; a door takes new
connections for $lease seconds. Its log: $lab/mayflyd.log

  ssh 2001:db8:3::2           no answer
  mayfly ssh lab              knocks, and gets in
  mayfly knock lab            prints a door; then: ssh DOOR
  client2 ssh DOOR            no answer: it is not client2 who knocked
  mayflyctl [leases | …]      the administrator's side
  server nft list table inet mayfly
  exit                        ends it all
END
    # In the background, so that a signal to us is not kept waiting; what ends the shell is a hang-up.
    eval "pid=\$client"
    {
        nsenter "--net=/proc/$pid/ns/net" -- env --default-signal=INT,QUIT "MAYFLY_HOME=$lab/client" \
            "PATH=$lab/bin:$PATH" 'PS1=lab$ ' "${SHELL:-/bin/sh}" <&4 4<&- &
    } 4<&0
    shell=$!
    trap 'kill -HUP "$shell" 2>/dev/null; exit 143' TERM HUP
    wait "$shell" || :
}

wrapper() {
    printf '#!/bin/sh\n%s\n' "$2" >"$lab/bin/$1"
    chmod 755 "$lab/bin/$1"
}

if [ "${2:-}" = --shell ]; then
    shell
else
    tour 2001:db8:3:: address 'Doors on the link of the server, 2001:db8:3::/64'
    tour 2001:db8:d:: anyip 'Doors in a prefix that is routed to the server, 2001:db8:d::/64'
fi
