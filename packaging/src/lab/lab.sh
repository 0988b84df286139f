# shellcheck shell=sh
# The lab: a client, a stranger, a router and a server in network namespaces of their own, with a real sshd. Read by a
# script that is already root of a private network (see private_network in machine.sh), with full rights or as root of
# a user namespace that maps one id.
#
#     client ─────────────┐
#     2001:db8:1::2       │ to-client
#     192.0.2.2           │
#                       router ─────────────────── server
#     client2 ────────────┘           to-server    2001:db8:3::2        on-link: 2001:db8:3::/64
#     2001:db8:2::2         to-client2             198.51.100.2
#     192.0.2.130                                  2001:db8:d::/64 is routed to 2001:db8:3::2
#
# Every far end is eth0; the router has ::1 of each prefix, 192.0.2.1, 192.0.2.129 and 198.51.100.1. There are two
# places for doors: the server's own link (mode "address") and the routed prefix (mode "anyip").
#
# A namespace is held by a sleeping process: `ip netns add` wants a mount that a normal user may not make.
#
#   lab_up           builds it; sets $lab, a directory of its own
#   at HOST CMD...   runs a command there
#   start HOST CMD...  the same in the background; sets $started to its process id
#   lab_sshd         starts sshd on the server; ssh -F "$lab/ssh_config" gets in as guest
#   lab_down         ends every process and removes $lab

lab=
holders=
started=
processes=
covers=

lab_up() {
    lab=$(mktemp -d "${TMPDIR:-/tmp}/mayfly-lab.XXXXXX")
    ip link set lo up
    for host in client client2 router server; do
        hold "$host"
    done
    wire client to-client 2001:db8:1:: 192.0.2.2/25 192.0.2.1/25
    wire client2 to-client2 2001:db8:2:: 192.0.2.130/25 192.0.2.129/25
    wire server to-server 2001:db8:3:: 198.51.100.2/24 198.51.100.1/24
    at router sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; echo 1 >/proc/sys/net/ipv4/ip_forward'
    at router ip route add 2001:db8:d::/64 via 2001:db8:3::2
}

# hold HOST: a process that does nothing in a network namespace of its own; $HOST is its id.
hold() {
    unshare -n sleep 2147483647 &
    eval "$1=$!"
    holders="$holders $!"
    ours=$(readlink /proc/self/ns/net)
    until theirs=$(readlink "/proc/$!/ns/net") && [ "$theirs" != "$ours" ]; do
        kill -0 $! || return 1
    done
    # Addresses are there at once; nothing in here can be a duplicate.
    at "$1" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad; ip link set lo up'
}

# wire HOST INTERFACE PREFIX IPV4 ROUTER-IPV4: a cable from a host to the router.
wire() {
    eval "pid=\$$1"
    # shellcheck disable=SC2154 # set by hold, and above
    ip link add name "$2" netns "$router" type veth peer name eth0 netns "$pid"
    at router ip address add "${3}1/64" dev "$2" nodad
    at router ip address add "$5" dev "$2"
    at router ip link set "$2" up
    at "$1" ip address add "${3}2/64" dev eth0 nodad
    at "$1" ip address add "$4" dev eth0
    at "$1" ip link set eth0 up
    # An address is of use when its route is there, and that may be later than when ip has ended.
    until at "$1" ip -6 route show table local | grep -q "^local ${3}2 " &&
        at router ip -6 route show table local | grep -q "^local ${3}1 "; do
        sleep 0.05
    done
    at "$1" ip route add default via "${3}1"
    at "$1" ip route add default via "${5%/*}"
}

at() {
    eval "pid=\$$1"
    shift
    nsenter --net="/proc/$pid/ns/net" -- "$@"
}

start() {
    eval "pid=\$$1"
    shift
    nsenter --net="/proc/$pid/ns/net" -- "$@" &
    started=$!
    processes="$processes $started"
}

# stop PID: ends a process of ours and waits for it.
stop() {
    kill "$1" 2>/dev/null || :
    wait "$1" 2>/dev/null || :
    rest=
    for process in $processes; do
        [ "$process" = "$1" ] || rest="$rest $process"
    done
    processes=$rest
}

# sshd wants to be root, change to the user who logs in and drop its groups. In a user namespace with one id there is
# nobody to change to, so there sshd runs as a normal user in a namespace inside, may bind port 22, and lets in that user
# alone. "guest" is the user either way: an entry in a password file that only these namespaces see.
lab_sshd() {
    mkdir -m 700 "$lab/home" "$lab/sshd"
    guest=0
    read -r _ _ ids </proc/self/uid_map
    if [ "$ids" = 1 ]; then
        guest=1000
        at server sh -c 'echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start'
        # A terminal belongs to group tty, which is not mapped: make both anew.
        { echo "tty:x:$guest:" && cat /etc/group; } >"$lab/sshd/group"
        chmod 644 "$lab/sshd/group"
        cover /etc/group --bind "$lab/sshd/group" || return 1
        cover /dev/pts -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts || return 1
    else
        # It wants a directory in /run, and would write down in /var/log who logged in.
        cover /run -t tmpfs -o mode=755 tmpfs || return 1
        cover /var/log -t tmpfs -o mode=755 tmpfs || return 1
        mkdir /run/sshd
        : >/var/log/lastlog
    fi
    { echo "guest:x:$guest:$guest:guest of the lab:$lab/home:/bin/sh" && cat /etc/passwd; } >"$lab/sshd/passwd"
    chmod 644 "$lab/sshd/passwd"
    cover /etc/passwd --bind "$lab/sshd/passwd" || return 1
    ssh-keygen -q -t ed25519 -N '' -C server -f "$lab/sshd/host_key"
    ssh-keygen -q -t ed25519 -N '' -C guest -f "$lab/home/key"
    cat >"$lab/sshd/config" <<END
HostKey $lab/sshd/host_key
AuthorizedKeysFile $lab/home/key.pub
PermitRootLogin yes
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
PidFile none
END
    cat >"$lab/ssh_config" <<END
User guest
IdentityFile $lab/home/key
IdentitiesOnly yes
BatchMode yes
ConnectTimeout 2
UserKnownHostsFile $lab/home/known_hosts
GlobalKnownHostsFile /dev/null
LogLevel ERROR
END
    # The same key, whatever the door.
    sed 's/^/* /' "$lab/sshd/host_key.pub" >"$lab/home/known_hosts"
    sshd=$(command -v sshd) # it wants to be called by its full name
    if [ "$guest" = 0 ]; then
        start server "$sshd" -D -e -f "$lab/sshd/config" 2>"$lab/sshd/log"
    else
        start server unshare -U --map-user=$guest --map-group=$guest "$sshd" -D -e -f "$lab/sshd/config" \
            2>"$lab/sshd/log"
    fi
    until grep -q 'Server listening on :: port 22' "$lab/sshd/log"; do
        if ! kill -0 "$started" 2>/dev/null; then
            cat "$lab/sshd/log" >&2
            return 1
        fi
        sleep 0.05
    done
}

# cover PATH WHAT...: mounts something over it, for these namespaces alone and until lab_down.
cover() {
    covered=$1
    shift
    mount "$@" "$covered" && covers="$covers $covered"
}

lab_down() {
    # shellcheck disable=SC2086 # ids are words
    [ -z "$processes$holders" ] || kill $processes $holders 2>/dev/null || :
    # A process that does not want to end is not waited for longer than this.
    patience=50
    for process in $processes $holders; do
        while kill -0 "$process" 2>/dev/null && [ $patience -gt 0 ]; do
            sleep 0.1
            patience=$((patience - 1))
        done
        kill -KILL "$process" 2>/dev/null || :
        wait "$process" 2>/dev/null || :
    done
    processes=
    holders=
    for covered in $covers; do
        umount -l "$covered"
    done
    covers=
    [ -z "$lab" ] || rm -rf "$lab"
    lab=
}
