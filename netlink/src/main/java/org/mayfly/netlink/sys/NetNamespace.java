package org.mayfly.netlink.sys;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.NetlinkException;

/**
 * A network namespace (network_namespaces(7)) and a thread that is in it. What is opened in {@link #call} belongs to the
 * namespace for as long as it is open, and a process started there runs in it.
 */
public final class NetNamespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(r -> {
        Thread t = new Thread(r, "netns");
        t.setDaemon(true);
        inside(t);
        return t;
    });
    private volatile @Nullable Thread inside;
    private final int tid;

    /**
     * @param enter runs on the thread and gives its number
     */
    private NetNamespace(Callable<Integer> enter) throws IOException {
        try {
            tid = call(enter);
        } catch (IOException e) {
            thread.shutdownNow();
            throw e;
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (Exception e) {
            thread.shutdownNow();
            throw new IOException(e);
        }
    }

    private void inside(Thread t) {
        inside = t;
    }

    private static int leave() throws IOException {
        if (Libc.CALLS.unshare(CLONE_NEWNET) < 0) {
            throw new NetlinkException("unshare(CLONE_NEWNET)", Libc.errno());
        }
        return Libc.CALLS.gettid();
    }

    private static int enter(Path path) throws IOException {
        try (NamespaceDescriptor d = NamespaceDescriptor.of(path)) {
            if (Libc.CALLS.setns(d.fd(), CLONE_NEWNET) < 0) {
                throw new NetlinkException("setns " + path, Libc.errno());
            }
        }
        return Libc.CALLS.gettid();
    }

    /** @throws IOException without the right to make one (CAP_SYS_ADMIN in the user namespace) */
    public static NetNamespace create() throws IOException {
        return new NetNamespace(NetNamespace::leave);
    }

    /**
     * Enters one that exists.
     *
     * @param path {@code /run/netns/NAME}, {@code /proc/PID/ns/net}, or what {@link #path} gave
     * @throws IOException if there is none, or without the right to enter it (CAP_SYS_ADMIN)
     */
    public static NetNamespace of(Path path) throws IOException {
        return new NetNamespace(() -> enter(path));
    }

    /** Runs something in the namespace, and waits for it. What it throws comes through. */
    public <T> T call(Callable<T> work) throws Exception {
        if (Thread.currentThread() == inside) {
            return work.call(); // it is there already, and would wait for itself
        }
        if (thread.isShutdown()) {
            throw new IllegalStateException("the namespace was closed");
        }
        Future<T> done = thread.submit(work);
        try {
            return done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /** The kernel's number of the thread in it: what {@code ip link set … netns} takes. */
    public int tid() {
        return tid;
    }

    /** What {@code nsenter --net=} takes, also in other processes. */
    public String path() {
        return "/proc/" + ProcessHandle.current().pid() + "/task/" + tid + "/ns/net";
    }

    /** What {@code ip link set … netns} and {@code IFLA_NET_NS_FD} take; the caller closes it. */
    public NamespaceDescriptor descriptor() throws IOException {
        return NamespaceDescriptor.of(Path.of(path()));
    }

    /** Lets the thread go; the namespace lives on as long as something in it is open. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
