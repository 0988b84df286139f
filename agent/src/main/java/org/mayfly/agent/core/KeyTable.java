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

    private @Nullable Entry[] entries = new @Nullable Entry[16];
    private int size;

    /**
     * @throws IllegalArgumentException if another key has that id
     */
    void add(Entry entry) {
        if (2 * ++size > entries.length) {
            @Nullable Entry[] before = entries;
            entries = new @Nullable Entry[2 * before.length];
            for (Entry e : before) {
                if (e != null) {
                    entries[place(e.key.id())] = e;
                }
            }
        }
        int place = place(entry.key.id());
        Entry there = entries[place];
        if (there != null) {
            throw new IllegalArgumentException("clients " + there.client.name() + " and " + entry.client.name()
                    + " hold the same key; remove one of them");
        }
        entries[place] = entry;
    }

    @Nullable
    Entry find(long id) {
        return entries[place(id)];
    }

    /** Where the id is, or where it would be. Ids are pseudo-random, so their low bits serve as the hash. */
    private int place(long id) {
        int mask = entries.length - 1;
        int i = (int) id & mask;
        for (Entry e = entries[i]; e != null && e.key.id() != id; e = entries[i]) {
            i = i + 1 & mask;
        }
        return i;
    }
}
