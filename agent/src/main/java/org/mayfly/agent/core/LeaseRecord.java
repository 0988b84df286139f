package org.mayfly.agent.core;

/**
 * What must be known of a lease to go on with it after a restart. Times are of the monotonic clock, which goes on for as
 * long as the kernel does, and what the kernel has of the lease.
 *
 * @param cut whether this is no lease, but what is left of one that was cut off
 * @param id of the lease; one that has several doors is written down once for each
 * @param key the id of the key that opened it, which must still be the client's; 0 for a lease that an administrator opened
 * @param windowEnd when new connections end; of one that was cut off, how long its packets are dropped
 */
public record LeaseRecord(
        boolean cut,
        int id,
        String client,
        String service,
        Permit permit,
        long key,
        long opened,
        long windowEnd,
        long sessionEnd) {

    /** The same, but that nobody is let in any more: its sessions go on. */
    public LeaseRecord withoutWindow(long now) {
        return new LeaseRecord(cut, id, client, service, permit, key, opened, now, sessionEnd);
    }
}
