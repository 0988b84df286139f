package org.mayfly.netlink.bpf;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A list of CPUs as {@code /sys/devices/system/cpu/} has them: {@code 0-3,8}. See {@code bitmap_parselist()}. */
final class CpuList {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,6})(?:-(\\d{1,6}))?(?:,|\\s*$)");

    private CpuList() {}

    /** How many there are. */
    static int count(String list) {
        Matcher m = RANGE.matcher(list);
        int count = 0;
        int end = 0;
        while (m.find() && m.start() == end) {
            int first = Integer.parseInt(m.group(1));
            count += (m.group(2) == null ? first : Integer.parseInt(m.group(2))) - first + 1;
            end = m.end();
        }
        if (count < 1 || end != list.length()) {
            throw new IllegalArgumentException("no list of CPUs: " + list.strip());
        }
        return count;
    }
}
