package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.mayfly.agent.core.LeaseStore;

/** Leases on a {@link SmallDisk} that is full for a while. */
final class LaterLeases {
    private final SmallDisk disk;

    LaterLeases(SmallDisk disk) {
        this.disk = disk;
    }

    /** Leases that are granted, changed and struck out while the disk is full, and after it. */
    void roomLater() throws Exception {
        StoredLeases leases = disk.leases();
        int lines = 4096 / LeaseLine.LENGTH + 1; // the last is the second page's first
        int[] slots = new int[lines];
        for (int i = 1; i < lines; i++) {
            slots[i] = leases.put(LeaseStore.NONE, SmallDisk.lease(i));
        }
        cutToOnePage();
        disk.fill();
        int last = leases.put(slots[lines - 1], SmallDisk.lease(700));
        int[] more = new int[3];
        for (int i = 0; i < more.length; i++) {
            more[i] = leases.put(LeaseStore.NONE, SmallDisk.lease(701 + i));
        }
        leases.remove(slots[1]);
        leases.remove(slots[2]);
        slots[1] = leases.put(LeaseStore.NONE, SmallDisk.lease(1)); // in the line that is free, in a page that is there
        SmallDisk.say("full", leases.retry(), leases.problem());
        leases.remove(more[1]);
        disk.makeRoom();
        slots[2] = leases.put(LeaseStore.NONE, SmallDisk.lease(2));
        SmallDisk.say("one", leases.problem().isEmpty());
        SmallDisk.say("room", leases.retry(), leases.problem());
        more[0] = leases.put(more[0], SmallDisk.lease(704));
        SmallDisk.say(
                "written", SmallDisk.ids(LeaseFileTest.written(disk.leases())).subList(lines - 2, lines + 1));
        leases.remove(more[0]);
        leases.remove(more[2]);
        leases.remove(last);
        SmallDisk.say("left", LeaseFileTest.written(disk.leases()).size() == lines - 2);
    }

    /** So that there is no page for the last. */
    private void cutToOnePage() throws IOException {
        try (FileChannel file = FileChannel.open(disk.disk.resolve(LeaseFile.NAME), StandardOpenOption.WRITE)) {
            file.truncate(4096);
        }
    }

    /** What could not be written is over, and there is no room for the next either. */
    void stillFull() throws Exception {
        StoredLeases leases = disk.leases();
        for (int i = 1; i < 4096 / LeaseLine.LENGTH; i++) {
            leases.put(LeaseStore.NONE, SmallDisk.lease(i));
        }
        disk.fill();
        leases.remove(leases.put(LeaseStore.NONE, SmallDisk.lease(700)));
        SmallDisk.say("full", leases.retry(), leases.problem().isEmpty());
        disk.makeRoom();
        SmallDisk.say("room", leases.retry(), leases.problem().isEmpty());
        SmallDisk.say(
                "next",
                LeaseFileTest.written(disk.leases()).size() == 4096 / LeaseLine.LENGTH - 1,
                disk.leases().note());
    }
}
