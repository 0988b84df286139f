package org.mayfly.agent.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.LeaseRecord;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.knock.Ip6Address;

/**
 * A lease as it stands in a file: 128 octets, so that no line lies across two pages.
 *
 * <pre>
 *  0 check u32 | 4 id u32 | 8 opened | 16 window end | 24 session end | 32 source, 16 octets | 48 door, 16
 *  64 port u16 | 66 protocol u8 | 67 source length u8 | 68 live 1 or cut 2, u8 | 69 client length u8 | 70 service length u8 | 71 0
 *  72 client, then service, in UTF-8 | 120 key id
 * </pre>
 *
 * <p>The check is the CRC-32C (RFC 3720) of the number of the line and of all that follows. A free line begins with eight
 * zeros.
 */
final class LeaseLine {
    static final int LENGTH = 128;

    private static final int ID = 4;
    private static final int OPENED = 8;
    private static final int WINDOW_END = 16;
    private static final int SESSION_END = 24;
    private static final int SOURCE = 32;
    private static final int DOOR = 48;
    private static final int PORT = 64;
    private static final int PROTOCOL = 66;
    private static final int SOURCE_LENGTH = 67;
    private static final int KIND = 68;
    private static final int CLIENT_LENGTH = 69;
    private static final int SERVICE_LENGTH = 70;
    private static final int NAMES = 72;
    private static final int KEY = 120;

    private static final byte LIVE = 1;
    private static final byte CUT = 2;

    private LeaseLine() {}

    /** Writes it between 0 and {@link #LENGTH}. */
    static void write(ByteBuffer b, int line, LeaseRecord lease) {
        Permit p = lease.permit();
        byte[] client = lease.client().getBytes(StandardCharsets.UTF_8);
        byte[] service = lease.service().getBytes(StandardCharsets.UTF_8);
        if (NAMES + client.length + service.length > KEY) {
            throw new IllegalArgumentException("names too long for a line: " + lease.client());
        }
        b.clear().order(ByteOrder.BIG_ENDIAN);
        b.putInt(ID, lease.id());
        b.putLong(OPENED, lease.opened());
        b.putLong(WINDOW_END, lease.windowEnd()).putLong(SESSION_END, lease.sessionEnd());
        b.put(SOURCE, p.source().toBytes()).put(DOOR, p.door().toBytes());
        b.putShort(PORT, (short) p.port()).put(PROTOCOL, (byte) p.protocol().number());
        b.put(SOURCE_LENGTH, (byte) p.sourceLength());
        b.put(KIND, lease.cut() ? CUT : LIVE);
        b.put(CLIENT_LENGTH, (byte) client.length).put(SERVICE_LENGTH, (byte) service.length);
        b.put(NAMES - 1, (byte) 0).put(NAMES, client).put(NAMES + client.length, service);
        for (int i = NAMES + client.length + service.length; i < KEY; i++) {
            b.put(i, (byte) 0);
        }
        b.putLong(KEY, lease.key());
        b.putInt(0, check(b, line));
    }

    static boolean isFree(ByteBuffer b) {
        return b.getLong(0) == 0;
    }

    /** Whether it says that somebody was cut off, if it is sound. */
    static boolean isCut(ByteBuffer b) {
        return b.get(KIND) == CUT;
    }

    /** Null if it is damaged. */
    static @Nullable LeaseRecord read(ByteBuffer b, int line) {
        b.clear().order(ByteOrder.BIG_ENDIAN);
        int client = Byte.toUnsignedInt(b.get(CLIENT_LENGTH));
        int service = Byte.toUnsignedInt(b.get(SERVICE_LENGTH));
        byte kind = b.get(KIND);
        Protocol protocol = protocol(Byte.toUnsignedInt(b.get(PROTOCOL)));
        boolean sound =
                b.getInt(0) == check(b, line) && NAMES + client + service <= KEY && (kind == LIVE || kind == CUT);
        if (!sound || protocol == null) {
            return null;
        }
        try {
            Permit permit = new Permit(
                    address(b, SOURCE),
                    Byte.toUnsignedInt(b.get(SOURCE_LENGTH)),
                    address(b, DOOR),
                    protocol,
                    Short.toUnsignedInt(b.getShort(PORT)));
            return new LeaseRecord(
                    kind == CUT,
                    b.getInt(ID),
                    text(b, NAMES, client),
                    text(b, NAMES + client, service),
                    permit,
                    b.getLong(KEY),
                    b.getLong(OPENED),
                    b.getLong(WINDOW_END),
                    b.getLong(SESSION_END));
        } catch (IllegalArgumentException e) {
            return null; // its check fits and it is none all the same: somebody wrote it
        }
    }

    private static @Nullable Protocol protocol(int number) {
        for (Protocol p : Protocol.values()) {
            if (p.number() == number) {
                return p;
            }
        }
        return null;
    }

    private static Ip6Address address(ByteBuffer b, int at) {
        return new Ip6Address(b.getLong(at), b.getLong(at + 8));
    }

    private static String text(ByteBuffer b, int at, int length) {
        byte[] bytes = new byte[length];
        b.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int check(ByteBuffer b, int line) {
        CRC32C crc = new CRC32C();
        for (int shift = 24; shift >= 0; shift -= 8) {
            crc.update(line >>> shift);
        }
        crc.update(b.clear().position(ID).limit(LENGTH));
        b.clear();
        return (int) crc.getValue();
    }
}
