# shellcheck shell=sh disable=SC2154
# What others need for the same, where they are installed. Read by measure.sh and flood.sh.

first_port=20000 # fwknop opens a port for an address; so that none is open yet, every run has its own

fwknop_missing() {
    if ! command -v fwknopd >/dev/null || ! command -v fwknop >/dev/null || ! command -v iptables >/dev/null; then
        note 'fwknop is left out: it is not installed (Debian: fwknop-server, fwknop-client)'
        return 0
    fi
    return 1
}

measure_fwknop() {
    ! fwknop_missing || return 0
    say 'fwknop'
    fwknop_up $((3 * runs))
    fwknop_packets $first_port "$runs"
    probe fwknop 198.51.100.2 "$knocks" 0
    row fwknop 'fwknop, UDP server, its packet made before'
    fwknop_commands $((first_port + runs)) "$runs"
    probe fwknop-command 198.51.100.2 "$knocks" 0
    row fwknop-command 'fwknop, UDP server, with the start of its client'
    fwknop_packets $((first_port + 2 * runs)) "$runs"
    flooded 198.51.100.2 225 -t
    probe fwknop-junk 198.51.100.2 "$knocks" 0
    calm
    row fwknop-junk "fwknop, UDP server, junk at $junk/s"
    fwknop_down
}

fwknop_down() {
    stop "$fwknopd"
    stop "$ports"
    at server iptables -F
    at server iptables -P INPUT ACCEPT
}

# fwknop_up PORTS: with so many for it to open.
fwknop_up() {
    mkdir -m 700 "$lab/fwknop"
    key=$(head -c 32 /dev/urandom | base64)
    hmac=$(head -c 64 /dev/urandom | base64 -w0)
    cat >"$lab/fwknop/access.conf" <<END
SOURCE ANY
KEY_BASE64 $key
HMAC_KEY_BASE64 $hmac
FW_ACCESS_TIMEOUT 30
END
    cat >"$lab/fwknop/fwknopd.conf" <<END
ENABLE_UDP_SERVER Y;
UDPSERV_PORT $knocks;
PCAP_INTF eth0;
END
    chmod 600 "$lab"/fwknop/*.conf
    at server iptables -P INPUT DROP
    at server iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
    at server iptables -A INPUT -p udp --dport "$knocks" -j ACCEPT
    start server "$lab/sink" $first_port $((first_port + $1)) >"$lab/ports.out"
    ports=$started
    # shellcheck disable=SC2086 # a command is words
    start server $pin_agent fwknopd -f -c "$lab/fwknop/fwknopd.conf" -a "$lab/fwknop/access.conf" -r "$lab/fwknop" \
        -p "$lab/fwknop/pid" -d "$lab/fwknop/digests" >"$lab/fwknop/log" 2>&1
    fwknopd=$started
    until at server ss -Huln sport = :"$knocks" | grep -q . && grep -q ready "$lab/ports.out"; do
        if ! kill -0 "$fwknopd" 2>/dev/null; then
            tail -n 15 "$lab/fwknop/log" >&2
            exit 1
        fi
        sleep 0.05
    done
}

fwknop_client() {
    echo "fwknop -A tcp/$1 -a 192.0.2.2 -D 198.51.100.2 -P udp -p $knocks --key-base64-rijndael $key" \
        "--key-base64-hmac $hmac --use-hmac --no-save-args --no-rc-file"
}

# fwknop_packets FIRST COUNT: packets as its client makes them, not sent.
fwknop_packets() {
    : >"$lab/list"
    port=$1
    while [ "$port" -lt $(($1 + $2)) ]; do
        rm -f "$lab/packet"
        # shellcheck disable=SC2046 # a command is words
        at client env "HOME=$lab" $(fwknop_client "$port") --test -B "$lab/packet" >/dev/null 2>&1
        echo "198.51.100.2,$port $(tr -d '\n' <"$lab/packet" | od -An -v -tx1 | tr -d ' \n')" >>"$lab/list"
        port=$((port + 1))
    done
}

fwknop_commands() {
    : >"$lab/list"
    port=$1
    while [ "$port" -lt $(($1 + $2)) ]; do
        echo "198.51.100.2,$port - HOME=$lab $(fwknop_client "$port") >/dev/null 2>&1" >>"$lab/list"
        port=$((port + 1))
    done
}

measure_knockd() {
    if ! command -v knockd >/dev/null || ! command -v iptables >/dev/null; then
        note 'knockd is left out: it is not installed (Debian: knockd)'
        return 0
    fi
    note 'knockd is installed here, but there is nothing yet that measures it'
}
