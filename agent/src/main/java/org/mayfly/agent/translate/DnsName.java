package org.mayfly.agent.translate;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A domain name as it is on the wire, not compressed: labels, each behind its length, and the empty one of the root
 * (RFC 1035, 3.1). A label may hold any bytes (RFC 2181, 11), which is why this is not a string. Case is kept, and does not
 * count where names are compared (RFC 4343).
 */
final class DnsName {
    /** In bytes, with the lengths and the root (RFC 1035, 2.3.4). */
    static final int LONGEST = 255;

    static final int LONGEST_LABEL = 63;

    private final byte[] wire;

    /** @param wire well-formed; not copied */
    DnsName(byte[] wire) {
        this.wire = wire;
    }

    /** Reads {@code a.example}: plain labels with dots between them. For names that the program knows. */
    static DnsName of(String text) {
        byte[] wire = new byte[text.length() + 2];
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || text.charAt(i) == '.') {
                wire[start] = (byte) (i - start);
                start = i + 1;
            } else {
                wire[i + 1] = (byte) text.charAt(i);
            }
        }
        return new DnsName(wire);
    }

    int length() {
        return wire.length;
    }

    boolean isRoot() {
        return wire[0] == 0;
    }

    /** Without its first label; not of the root. */
    DnsName parent() {
        return new DnsName(Arrays.copyOfRange(wire, wire[0] + 1, wire.length));
    }

    /** Its first label, in small letters; empty for the root. */
    String label() {
        return new String(wire, 1, wire[0], StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    }

    /** Whether it is below {@code zone}, and not the zone itself. */
    boolean isBelow(DnsName zone) {
        for (DnsName n = this; !n.isRoot(); ) {
            n = n.parent();
            if (n.equals(zone)) {
                return true;
            }
        }
        return false;
    }

    /** The first label with its length. */
    void writeLabel(DnsWriter to) {
        to.bytes(wire, 0, wire[0] + 1);
    }

    void write(DnsWriter to) {
        to.bytes(wire, 0, wire.length);
    }

    /** Lengths are below 65, so that they are never taken for letters. */
    private static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof DnsName n) || n.wire.length != wire.length) {
            return false;
        }
        for (int i = 0; i < wire.length; i++) {
            if (lower(wire[i]) != lower(n.wire[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (byte b : wire) {
            hash = 31 * hash + lower(b);
        }
        return hash;
    }

    /** As RFC 1035, 5.1 writes it, with a dot at the end. */
    @Override
    public String toString() {
        StringBuilder s = new StringBuilder(wire.length);
        for (int i = 0; wire[i] != 0; i += wire[i] + 1) {
            for (int k = i + 1; k <= i + wire[i]; k++) {
                int c = Byte.toUnsignedInt(wire[k]);
                if (c == '.' || c == '\\') {
                    s.append('\\').append((char) c);
                } else if (c > ' ' && c < 127) {
                    s.append((char) c);
                } else {
                    s.append(String.format("\\%03d", c));
                }
            }
            s.append('.');
        }
        return s.isEmpty() ? "." : s.toString();
    }
}
