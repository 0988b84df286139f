package org.mayfly.netlink.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.Bpf;

/**
 * Memory that programs share with whoever loaded them. It lives for as long as it is open or a program that uses it is
 * loaded. One thread uses it.
 *
 * <pre>
 *  BPF_MAP_CREATE:       | map_type u32 | key_size u32 | value_size u32 | max_entries u32 | map_flags u32 |
 *                        | inner_map_fd u32 | numa_node u32 | map_name, 16 bytes |
 *  BPF_MAP_*_ELEM:       | map_fd u32 | pad u32 | key u64 | value u64 | flags u64 |
 * </pre>
 */
public final class BpfMap implements AutoCloseable {
    private static final int MAP_CREATE = 0;
    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int MAP_UPDATE_ELEM = 2;

    private static final int TYPE_ARRAY = 2;
    private static final int TYPE_PERCPU_ARRAY = 6;

    private static final Path POSSIBLE = Path.of("/sys/devices/system/cpu/possible");

    private final Attributes element;
    private final ByteBuffer key = Bpf.direct(Integer.BYTES);
    private final ByteBuffer value;
    private final int entries;
    private final int bytes;
    private final int fd;
    private boolean closed;

    private BpfMap(int fd, int entries, int bytes, int copies) {
        this.fd = fd;
        this.entries = entries;
        this.bytes = bytes;
        this.value = Bpf.direct(bytes * copies);
        this.element = new Attributes().u32(0, fd).pointer(8, key).pointer(16, value);
    }

    /**
     * An array, filled with zeros ({@code BPF_MAP_TYPE_ARRAY}).
     *
     * @param name of 15 characters at most: letters, digits, {@code _} and {@code .}
     * @param bytes of each entry
     * @throws NetlinkException with {@code EPERM} without CAP_BPF
     */
    public static BpfMap array(String name, int bytes, int entries) throws IOException {
        return new BpfMap(create(TYPE_ARRAY, name, bytes, entries), entries, bytes, 1);
    }

    /**
     * A number of 64-bit words, filled with zeros, that each CPU has for itself ({@code BPF_MAP_TYPE_PERCPU_ARRAY} with one
     * entry).
     *
     * @param name of 15 characters at most: letters, digits, {@code _} and {@code .}
     * @throws NetlinkException with {@code EPERM} without CAP_BPF
     */
    public static BpfMap perCpu(String name, int words) throws IOException {
        int bytes = words * Long.BYTES;
        int cpus = CpuList.count(Files.readString(POSSIBLE));
        return new BpfMap(create(TYPE_PERCPU_ARRAY, name, bytes, 1), 1, bytes, cpus);
    }

    private static int create(int type, String name, int bytes, int entries) throws NetlinkException {
        return new Attributes()
                .u32(0, type)
                .u32(4, Integer.BYTES)
                .u32(8, bytes)
                .u32(12, entries)
                .name(28, name)
                .call(MAP_CREATE, "BPF_MAP_CREATE");
    }

    /**
     * Sets an entry of an array. A program that runs meanwhile may see some of its 64-bit words new and some old.
     *
     * @param to as many bytes as an entry has
     */
    public void update(int index, byte[] to) throws IOException {
        if (to.length != value.capacity()) {
            throw new IllegalArgumentException(to.length + " bytes for an entry of " + value.capacity());
        }
        value.put(0, to);
        at(index).call(MAP_UPDATE_ELEM, "BPF_MAP_UPDATE_ELEM");
    }

    /** An entry of an array. */
    public byte[] lookup(int index) throws IOException {
        at(index).call(MAP_LOOKUP_ELEM, "BPF_MAP_LOOKUP_ELEM");
        byte[] entry = new byte[value.capacity()];
        value.get(0, entry);
        return entry;
    }

    /** What each word of {@link #perCpu} is when those of all CPUs are added. */
    public long[] sums() throws IOException {
        at(0).call(MAP_LOOKUP_ELEM, "BPF_MAP_LOOKUP_ELEM");
        long[] sums = new long[bytes / Long.BYTES];
        for (int i = 0; i < value.capacity(); i += Long.BYTES) {
            sums[i % bytes / Long.BYTES] += value.getLong(i);
        }
        return sums;
    }

    private Attributes at(int index) {
        if (closed || index < 0 || index >= entries) {
            throw new IllegalStateException(closed ? "closed" : "entry " + index + " of " + entries);
        }
        key.putInt(0, index);
        return element;
    }

    int fd() {
        return fd;
    }

    /** A second time does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Bpf.close(fd);
        }
    }
}
