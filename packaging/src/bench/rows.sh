# shellcheck shell=sh disable=SC2154
# What came out of a yardstick, and how it is printed. Read by bench.sh.
#
#   wanted ROW               whether a pattern of $rows has asked for the row; any ROW... for one of them
#   result KEY=VALUE...      a row; figures ROW gives what a probe has measured
#   failed ROW NAME WHY      a row that could not be measured as it should have been: the whole then fails, when all else is done
#   note TEXT
#   finish                   prints it all, by function table or json

wanted() {
    found=1
    set -f # patterns, of rows and not of files
    for pattern in ${rows:-*}; do
        # shellcheck disable=SC2254 # it is a pattern
        case $1 in
        $pattern) found=0 ;;
        esac
    done
    set +f
    return $found
}

any() {
    for each in "$@"; do
        ! wanted "$each" || return 0
    done
    return 1
}

note() {
    printf '%s\n' "$*" >>"$lab/notes"
}

failed() {
    result "row=$1" "name=$2" "failed=$3"
    note "$1 failed: $3"
    : >"$lab/failed"
}

finish() {
    if [ ! -s "$lab/rows" ] && [ ! -s "$lab/notes" ]; then
        say "there is no row like ${rows:-*}"
        return 1
    fi
    "$format"
    [ ! -e "$lab/failed" ]
}

# figures ROW: what the probe measured, as key=value|...
figures() {
    grep -v failed "$lab/$1.times" | sort -n >"$lab/sorted" || :
    awk -v "all=$(wc -l <"$lab/$1.times")" '
        { t[NR] = $1 }
        function at(part) { return t[int(part * (NR - 1) + 0.5) + 1] }
        END {
            printf "ok=%d|runs=%d", NR, all
            if (NR) printf "|min_ms=%.3f|median_ms=%.3f|p95_ms=%.3f|p99_ms=%.3f|max_ms=%.3f", at(0), at(0.5), at(0.95), at(0.99), at(1)
        }' "$lab/sorted"
}

# result KEY=VALUE...: each a word, or several joined by |
result() {
    line=
    for pair in "$@"; do
        line="$line${line:+|}$pair"
    done
    printf '%s\n' "$line" >>"$lab/rows"
}

# columns KEY...: $lab/rows as a table, the first column to the left; then the notes, and where it was.
columns() {
    awk -F'|' -v "keys=$*" '
        BEGIN { n = split(keys, key, " "); for (i = 1; i <= n; i++) width[i] = length(key[i]) }
        {
            split("", of)
            for (i = 1; i <= NF; i++) of[substr($i, 1, index($i, "=") - 1)] = substr($i, index($i, "=") + 1)
            for (i = 1; i <= n; i++) {
                cell[NR, i] = key[i] in of ? of[key[i]] : "-"
                if (length(cell[NR, i]) > width[i]) width[i] = length(cell[NR, i])
            }
        }
        END {
            for (i = 1; i <= n; i++) cell[0, i] = key[i]
            for (row = 0; row <= NR; row++) {
                printf "%-" width[1] "s", cell[row, 1]
                for (i = 2; i <= n; i++) printf "  %" width[i] "s", cell[row, i]
                print ""
            }
        }' "$lab/rows"
    [ ! -s "$lab/notes" ] || cat "$lab/notes"
    machine
}

machine() {
    printf '%s cores, Linux %s, %s, %s\n' "$(getconf _NPROCESSORS_ONLN)" "$(uname -r)" \
        "$("$jdk/bin/java" -version 2>&1 | sed -n 2p)" "$(date -u +%Y-%m-%d)"
}

json() {
    awk -F'|' -v "machine=$(machine)" -v "notes=$(paste -sd';' "$lab/notes")" '
        BEGIN { gsub(/"/, "\\\"", notes); printf "{\"machine\":\"%s\",\"notes\":\"%s\",\"rows\":[", machine, notes }
        {
            printf "%s{", (NR > 1 ? "," : "")
            for (i = 1; i <= NF; i++) {
                value = substr($i, index($i, "=") + 1)
                gsub(/["\\]/, "\\\\&", value)
                if (value !~ /^-?[0-9]+(\.[0-9]+)?$/) value = "\"" value "\""
                printf "%s\"%s\":%s", (i > 1 ? "," : ""), substr($i, 1, index($i, "=") - 1), value
            }
            printf "}"
        }
        END { print "]}" }' "$lab/rows"
}
