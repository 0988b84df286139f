#!/bin/sh
# inside.sh COMMAND...: runs a command as root of a private network; status 77 where there can be none.
set -eu
self=inside.sh
root=$(cd "$(dirname "$0")/../../.." && pwd)
# shellcheck source=packaging/src/lab/machine.sh
. "$root/packaging/src/lab/machine.sh"
complain() {
    echo "$1" >&2
    exit 77
}
private_network "$@"
