package org.mayfly.knock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes of an array as one long, in either order, without making anything. */
final class Words {
    private static final VarHandle LITTLE = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BIG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Words() {}

    static long little(byte[] b, int offset) {
        return (long) LITTLE.get(b, offset);
    }

    static long big(byte[] b, int offset) {
        return (long) BIG.get(b, offset);
    }

    static void putLittle(byte[] b, int offset, long value) {
        LITTLE.set(b, offset, value);
    }

    static void putBig(byte[] b, int offset, long value) {
        BIG.set(b, offset, value);
    }
}
