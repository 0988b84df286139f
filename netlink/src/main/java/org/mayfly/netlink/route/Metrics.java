package org.mayfly.netlink.route;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * What a route says about the paths that it leads to, for TCP above all: {@code RTA_METRICS}. What is not said, or is 0,
 * is the kernel's choice.
 *
 * <p>Source: {@code RTAX_*} in {@code linux/rtnetlink.h}, ip-route(8).
 *
 * @param values as the kernel counts them, see {@link Metric}
 * @param congestionControl {@code RTAX_CC_ALGO}: {@code bbr} and its kind; empty for the kernel's choice
 * @param unknown metrics that have no name here, as they came
 */
public record Metrics(Map<Metric, Integer> values, String congestionControl, List<RawAttribute> unknown) {
    /** Nothing is said. */
    public static final Metrics NONE = new Metrics(Map.of(), "", List.of());

    static final AttributeNames NAMES = AttributeNames.of(
            "RTAX_",
            "UNSPEC LOCK MTU WINDOW RTT RTTVAR SSTHRESH CWND ADVMSS REORDERING HOPLIMIT INITCWND FEATURES RTO_MIN"
                    + " INITRWND QUICKACK CC_ALGO FASTOPEN_NO_COOKIE");

    private static final int RTAX_CC_ALGO = 16;

    public Metrics {
        EnumMap<Metric, Integer> copy = new EnumMap<>(Metric.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
        unknown = List.copyOf(unknown);
    }

    /** 0 if nothing is said. */
    public int get(Metric metric) {
        return values.getOrDefault(metric, 0);
    }

    /** Whether the kernel is to leave it as it is: {@code ip route … mtu lock 1400}. */
    public boolean isLocked(Metric metric) {
        return (get(Metric.LOCK) & 1 << metric.number()) != 0;
    }

    public Metrics with(Metric metric, int value) {
        EnumMap<Metric, Integer> more = new EnumMap<>(Metric.class);
        more.putAll(values);
        more.put(metric, value);
        return new Metrics(more, congestionControl, unknown);
    }

    public Metrics withLocked(Metric metric) {
        return with(Metric.LOCK, get(Metric.LOCK) | 1 << metric.number());
    }

    public Metrics withCongestionControl(String name) {
        return new Metrics(values, name, unknown);
    }

    /** Writes what is inside of {@code RTA_METRICS}. */
    void write(MessageWriter w) {
        values.forEach((metric, value) -> w.attrU32(metric.number(), value));
        if (!congestionControl.isEmpty()) {
            w.attrString(RTAX_CC_ALGO, congestionControl);
        }
        unknown.forEach(a -> a.write(w));
    }

    /** Reads what is inside of {@code RTA_METRICS}. */
    static Metrics read(AttributeReader a) {
        Map<Metric, Integer> values = new EnumMap<>(Metric.class);
        String congestionControl = "";
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            Metric metric = Metric.of(a.type());
            if (metric != null) {
                values.put(metric, a.u32());
            } else if (a.type() == RTAX_CC_ALGO) {
                congestionControl = a.string();
            } else {
                unknown.add(RawAttribute.of(a));
            }
        }
        return new Metrics(values, congestionControl, unknown);
    }
}
