package org.mayfly.netlink.route;

import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * What the kernel knows of a route from using it: {@code struct rta_cacheinfo}, eight words of 32 bits.
 *
 * <p>Source: {@code linux/rtnetlink.h}, whose names these are; times are in hundredths of a second.
 *
 * @param clntref who refers to it
 * @param lastuse since when it was not used
 * @param expires when it goes; 0 for never, below 0 if it should have gone
 * @param error what a packet that takes it gets: a negative error number
 */
public record CacheInfo(int clntref, int lastuse, int expires, int error, int used, int id, int ts, int tsage) {
    /** {@code USER_HZ}: clock_t of the kernel's interfaces. */
    static final int HZ = 100;

    /** 0 for never; at least 1 for what should have gone already. */
    long expiresSeconds() {
        return expires == 0 ? 0 : Math.max(1, expires / HZ);
    }

    void write(MessageWriter w, int type) {
        int at = w.open(type);
        w.u32(clntref).u32(lastuse).u32(expires).u32(error).u32(used);
        w.u32(id).u32(ts).u32(tsage).endNest(at);
    }

    static CacheInfo read(AttributeReader a) {
        return new CacheInfo(a.u32(0), a.u32(4), a.u32(8), a.u32(12), a.u32(16), a.u32(20), a.u32(24), a.u32(28));
    }
}
