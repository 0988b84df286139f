package org.mayfly.agent.core;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;

/** Leases that outlive an agent of a test, and a disk that can be full or worn. Slots are used again, as in the file. */
public final class MemoryLeases implements LeaseStore {
    /** What one record is about. */
    private record Line(boolean cut, int id, Permit permit) {
        static Line of(LeaseRecord r) {
            return new Line(r.cut(), r.id(), r.permit());
        }
    }

    private final Map<Integer, LeaseRecord> bySlot = new HashMap<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final Set<Line> unwritten = new HashSet<>();
    private final Set<Integer> unstruck = new HashSet<>();
    private boolean full;
    private boolean worn;

    void full(boolean now) {
        refuse(now, now);
    }

    /** Whether what is to be written down is refused, and what is to be struck out. */
    void refuse(boolean puts, boolean removals) {
        full = puts;
        worn = removals;
    }

    Map<Integer, LeaseRecord> all() {
        return new LinkedHashMap<>(bySlot);
    }

    Map<Integer, LeaseRecord> inUse() {
        return Collections.unmodifiableMap(bySlot);
    }

    /** As a lease has it. */
    static String id(LeaseRecord r) {
        return HexFormat.of().toHexDigits(r.id());
    }

    /** Whether the last that was to be written down of it was refused. */
    boolean isUnwritten(String id, Permit permit) {
        return unwritten.contains(new Line(false, HexFormat.fromHexDigits(id), permit));
    }

    /** The permits of which something that was to be written down was refused. */
    Set<Permit> unwritten(boolean cuts) {
        return unwritten.stream().filter(l -> l.cut == cuts).map(Line::permit).collect(Collectors.toSet());
    }

    /** The slots that were to be struck out, and are not. */
    Set<Integer> unstruck() {
        return unstruck;
    }

    /** Somebody else writes into the file. */
    void damage(int slot, LeaseRecord record) {
        bySlot.put(slot, record);
    }

    /** A line of the file is lost. */
    void lose(int slot) {
        if (bySlot.remove(slot) != null) {
            free.push(slot);
        }
    }

    /** Where nothing is written. */
    int fresh() {
        Integer slot = free.poll();
        return slot == null ? bySlot.size() : slot;
    }

    @Override
    public int put(int slot, LeaseRecord lease) throws IOException {
        if (slot != NONE && !bySlot.containsKey(slot)) {
            throw new IllegalStateException("slot " + slot + " was given back");
        }
        if (full) {
            unwritten.add(Line.of(lease));
            throw new IOException("no space left on device");
        }
        int at = slot == NONE ? fresh() : slot;
        bySlot.put(at, lease);
        unwritten.remove(Line.of(lease));
        return at;
    }

    @Override
    public void read(ObjIntConsumer<LeaseRecord> each) {
        all().entrySet().stream()
                .sorted(Comparator.comparing(e -> !e.getValue().cut()))
                .forEach(e -> each.accept(e.getValue(), e.getKey()));
    }

    @Override
    public void remove(int slot) throws IOException {
        if (slot == NONE) {
            return;
        }
        if (!bySlot.containsKey(slot)) {
            throw new IllegalStateException("slot " + slot + " was given back before");
        }
        if (worn) {
            unstruck.add(slot);
            throw new IOException("input/output error");
        }
        lose(slot);
        unstruck.remove(slot);
    }
}
