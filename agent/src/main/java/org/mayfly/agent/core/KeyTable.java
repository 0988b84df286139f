package org.mayfly.agent.core;

import org.jspecify.annotations.Nullable;
import org.mayfly.knock.KnockKey;

/** From the id in a packet to the key that may have made it. Open addressing over longs: a look-up allocates nothing. */
final class KeyTable {
    /**
     * A key and whose it is.
     *
     * @param slot of its replay mark
     */
    record Entry(ClientState client, KnockKey key, int slot) {}

    /** Beside the entries, so that a look-up takes as long for an id that is there as for one that is not. */
    private long[] ids = new long[16];

    private @Nullable Entry[] entries = new @Nullable Entry[16];
    private int size;

    /**
     * @throws IllegalArgumentException if another key has that id
     */
    void add(Entry entry) {
        if (2 * ++size > entries.length) {
            grow();
        }
        int place = place(entry.key.id());
        Entry there = entries[place];
        if (there != null) {
            throw new IllegalArgumentException("clients " + there.client.name() + " and " + entry.client.name()
                    + " hold the same key; remove one of them");
        }
        put(place, entry);
    }

    private void grow() {
        @Nullable Entry[] before = entries;
        entries = new @Nullable Entry[2 * before.length];
        ids = new long[entries.length];
        for (Entry e : before) {
            if (e != null) {
                put(place(e.key.id()), e);
            }
        }
    }

    private void put(int place, Entry entry) {
        entries[place] = entry;
        ids[place] = entry.key.id();
    }

    @Nullable
    Entry find(long id) {
        return entries[place(id)];
    }

    /** Where the id is, or where it would be. Ids are pseudo-random, so their low bits serve as the hash. */
    private int place(long id) {
        int mask = ids.length - 1;
        int i = (int) id & mask;
        while (ids[i] != id && entries[i] != null) {
            i = i + 1 & mask;
        }
        return i;
    }
}
