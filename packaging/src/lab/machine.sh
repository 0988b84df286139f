# shellcheck shell=sh disable=SC2154
# What this machine must have, and a private network on it. Read by packaging/try and packaging/check, which set $root
# and $self.

# shellcheck source=packaging/src/bin/launch.sh
. "$root/packaging/src/bin/launch.sh" # feature_of

# sshd, nft and the like are not on everybody's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

missing=

# need COMMAND PACKAGE
need() {
    command -v "$1" >/dev/null || missing="$missing $2"
}

# Sets $jdk to a JDK of 17 or later, JAVA_HOME's if that is one, or to nothing.
find_jdk() {
    javac=$(command -v javac) && javac=$(readlink -f "$javac")
    for jdk in "${JAVA_HOME:-}" "${javac%/bin/javac}" /usr/lib/jvm/*; do
        if [ -z "$jdk" ] || [ ! -x "$jdk/bin/javac" ]; then
            continue
        fi
        feature_of "$jdk"
        [ "$feature" -lt 17 ] || return 0
    done
    jdk=
}

need_jdk() {
    find_jdk
    [ -z "$jdk" ] || return 0
    missing="$missing openjdk-17-jdk-headless"
}

# Installs what is missing, or says in one line how to.
install_missing() {
    if [ -n "$missing" ]; then
        install
        find_jdk
    fi
}

install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        complain "missing here; install it and try again: sudo apt-get install --no-install-recommends$missing"
    fi
    echo "installing:$missing"
    log=$(mktemp)
    apt_quietly update
    missing=$(for package in $missing; do available "$package"; done)
    # Servers are wanted for the lab, not for this machine: they are neither started nor enabled.
    servers='sshd nginx haproxy named'
    for server in $servers; do
        ! command -v "$server" >/dev/null || servers=$(printf '%s' "$servers" | sed "s/$server//")
    done
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        policy=
    else
        trap 'rm -f "$policy" "$log"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    # shellcheck disable=SC2086 # packages are words
    apt_quietly install --no-install-recommends $missing
    [ -z "$policy" ] || rm -f "$policy"
    rm -f "$log"
    trap - EXIT INT TERM HUP
    for server in $servers; do
        leave_alone "$server"
    done
}

# leave_alone SERVER: it was installed just now, if it is here.
leave_alone() {
    if ! command -v "$1" >/dev/null || ! command -v systemctl >/dev/null; then
        return 0
    fi
    units=$1.service
    [ "$1" != sshd ] || units='ssh.service ssh.socket'
    # shellcheck disable=SC2086 # units are words
    systemctl --quiet disable $units >/dev/null 2>&1 || :
    echo "$1 was installed, but neither started nor enabled (systemctl enable --now ${units%% *} would)"
}

# The package $1, or what this release has in its place.
available() {
    case $1 in
    openjdk-17-*)
        for name in "$1" openjdk-21-jdk-headless openjdk-25-jdk-headless default-jdk-headless; do
            if [ -n "$(apt-cache madison "$name" 2>/dev/null)" ]; then
                echo "$name"
                return 0
            fi
        done
        ;;
    esac
    echo "$1"
}

apt_quietly() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" >"$log" 2>&1 </dev/null && return 0
    tail -n 20 "$log" >&2
    complain "apt-get $1 failed; what it said stands above"
}

# Builds if anything is newer than what was built last.
build() {
    built=$root/packaging/target/mayfly/bin/mayflyd
    if [ -e "$built" ] && [ -z "$(find "$root" -path "$root/*/target" -prune -o -path "$root/.git" -prune \
        -o -type f -newer "$built" -print | head -n 1)" ]; then
        return 0
    fi
    echo 'building (the first time, Maven fetches what it needs)'
    log=$(mktemp)
    trap 'kill "$maven" 2>/dev/null || :; rm -f "$log"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    (cd "$root" && JAVA_HOME=$jdk exec mvn -B -q -ntp -DskipTests -Dspotless.check.skip package) >"$log" 2>&1 </dev/null &
    maven=$!
    if ! wait "$maven"; then
        grep -v '^\[ERROR\] *$' "$log" | head -n 30 >&2
        complain 'the build failed; what Maven said stands above'
    fi
    trap - EXIT INT TERM HUP
    rm -f "$log"
    [ ! -e "$built" ] || touch "$built"
}

# private_network COMMAND...: becomes the command, as root of a network of its own where nothing is configured.
private_network() {
    if [ "$(id -u)" = 0 ] && unshare -nm true 2>/dev/null; then
        exec unshare -nm -- "$@"
    fi
    # Ubuntu lets anybody make a user namespace but gives no capability in it; so try one.
    if unshare -Urnm ip link set lo up 2>/dev/null; then
        exec unshare -Urnm -- "$@"
    fi
    if [ "$(id -u)" = 0 ]; then
        complain 'no private network here: root lacks CAP_SYS_ADMIN (in a container, give it that one and CAP_NET_ADMIN)'
    fi
    complain "no private network here (user namespaces are off or restricted): run it as root, sudo $self"
}
