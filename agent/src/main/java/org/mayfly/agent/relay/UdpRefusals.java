package org.mayfly.agent.relay;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Who was not let in a moment ago: who goes on sending is not asked about for each datagram. */
final class UdpRefusals {
    private static final int MOST = 1024;
    private static final long MOMENT = TimeUnit.MILLISECONDS.toNanos(250);

    private final LongSupplier clock;
    private final Map<UdpKey, Long> refused = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UdpKey, Long> eldest) {
            return size() > MOST;
        }
    };

    UdpRefusals(LongSupplier clock) {
        this.clock = clock;
    }

    void add(UdpKey key) {
        refused.put(key, clock.getAsLong());
    }

    boolean isRecent(UdpKey key) {
        Long at = refused.get(key);
        if (at == null) {
            return false;
        }
        if (clock.getAsLong() - at < MOMENT) {
            return true;
        }
        refused.remove(key);
        return false;
    }
}
