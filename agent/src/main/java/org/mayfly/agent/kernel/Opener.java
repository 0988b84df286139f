package org.mayfly.agent.kernel;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.KernelPort.Opened;
import org.mayfly.agent.core.KernelPort.Opening;

/** Lets in those of a burst, with one change of the table for all and an address for each that needs one. */
final class Opener {
    /** What it does, for the beginning of an error. */
    static final String WHAT = "open a door";

    private final GuardTable table;
    private final OnLinkDoors doors;

    Opener(GuardTable table, OnLinkDoors doors) {
        this.table = table;
        this.doors = doors;
    }

    /** @throws IOException if nobody is let in */
    List<Opened> open(Guard guard, List<Opening> permits) throws IOException {
        List<GuardTable.Entry> entries = new ArrayList<>(permits.size());
        List<Boolean> up = new ArrayList<>(permits.size());
        for (Opening p : permits) {
            boolean needsAddress = guard.needsAddress(p.permit().door());
            Duration life =
                    needsAddress ? OnLinkDoors.wholeSeconds(p.window().plus(KernelPort.ADDRESS_GRACE)) : Duration.ZERO;
            entries.add(new GuardTable.Entry(p.permit(), p.window(), life));
            up.add(!needsAddress || table.mayHaveDoor(p.permit().door()));
        }
        try {
            table.open(entries);
        } catch (IOException e) {
            if (permits.size() == 1) {
                throw e;
            }
            return openEach(guard, permits);
        }
        List<Opened> results = new ArrayList<>(permits.size());
        IOException failure = null;
        for (int i = 0; i < permits.size(); i++) {
            try {
                putUp(guard, entries.get(i));
                results.add(Opened.of(up.get(i)));
            } catch (IOException e) {
                failure = e;
                results.add(failed(e));
            }
        }
        return orThrow(results, failure);
    }

    /** One of them is what the kernel does not take. */
    private List<Opened> openEach(Guard guard, List<Opening> permits) throws IOException {
        List<Opened> results = new ArrayList<>(permits.size());
        IOException failure = null;
        for (Opening p : permits) {
            try {
                results.addAll(open(guard, List.of(p)));
            } catch (IOException e) {
                failure = e;
                results.add(failed(e));
            }
        }
        return orThrow(results, failure);
    }

    private void putUp(Guard guard, GuardTable.Entry entry) throws IOException {
        if (!entry.address().isZero()) {
            try {
                doors.put(guard, entry.permit().door(), entry.address());
            } catch (IOException | RuntimeException e) {
                closeAgain(entry, e);
                throw e instanceof IOException io ? io : new IOException("a defect in the agent: " + e, e);
            }
        }
    }

    private void closeAgain(GuardTable.Entry entry, Exception why) {
        try {
            table.close(entry.permit());
        } catch (IOException | RuntimeException e) { // it ends with its window
            why.addSuppressed(e);
        }
    }

    private static Opened failed(IOException e) {
        KernelException why = NetlinkKernel.failed(WHAT, e);
        return Opened.failed(why);
    }

    private static List<Opened> orThrow(List<Opened> results, @Nullable IOException failure) throws IOException {
        if (failure != null && results.stream().allMatch(r -> r.failure() != null)) {
            throw failure;
        }
        return results;
    }
}
