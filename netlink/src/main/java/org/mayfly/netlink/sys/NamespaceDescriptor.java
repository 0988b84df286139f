package org.mayfly.netlink.sys;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mayfly.netlink.NetlinkException;

/**
 * An open descriptor of a network namespace: what {@code IFLA_NET_NS_FD} and setns(2) take. The namespace lives for as
 * long as it is open.
 */
public final class NamespaceDescriptor implements AutoCloseable {
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;

    private final int fd;
    private final AtomicBoolean closed = new AtomicBoolean();

    private NamespaceDescriptor(int fd) {
        this.fd = fd;
    }

    /**
     * @param path {@code /run/netns/NAME}, {@code /proc/PID/ns/net}, or what {@link NetNamespace#path} gave
     * @throws NetlinkException if it cannot be opened
     */
    public static NamespaceDescriptor of(Path path) throws IOException {
        int fd = Libc.CALLS.open(path.toString(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) {
            throw new NetlinkException("open " + path, Libc.errno());
        }
        return new NamespaceDescriptor(fd);
    }

    /** Valid until it is closed. */
    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Libc.CALLS.close(fd);
        }
    }
}
