package org.mayfly.netlink.fuzz;

import static java.util.Map.entry;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.nft.expr.Expression;
import org.mayfly.netlink.testing.Records;

/** What was read is written, and read again: it is the same but for what a request does not say. */
final class RoundTrips {
    private static final int NFGENMSG = 4;

    /** How what was read stands in what it was read from. */
    private enum Frame {
        /** It is all of the payload. */
        PAYLOAD,
        /** It stands behind {@code struct nfgenmsg}, which the one who sends it writes. */
        NFGENMSG,
        /** It is the inside of the attribute that it is written as. */
        ATTRIBUTE,
        /** It is the inside of an attribute that others write. */
        INSIDE,
        /** It is the attribute on which the reader stands. */
        STANDING
    }

    /**
     * @param without the components of the record that the kernel tells us and we do not tell the kernel
     */
    private record RoundTrip(Frame frame, Set<String> without) {
        static RoundTrip of(Frame frame, String... without) {
            return new RoundTrip(frame, Set.of(without));
        }
    }

    /** All records that have {@code write}; expressions have {@code writeData}, all of them. */
    private static final Map<String, RoundTrip> TABLE = Map.ofEntries(
            entry("nft.Chain.decode", RoundTrip.of(Frame.NFGENMSG, "handle")),
            entry("conntrack.Flow.decode", RoundTrip.of(Frame.NFGENMSG)),
            entry("conntrack.TcpInfo.read", RoundTrip.of(Frame.INSIDE)),
            entry("conntrack.Traffic.read", RoundTrip.of(Frame.INSIDE)),
            entry("conntrack.Transport.read", RoundTrip.of(Frame.INSIDE)),
            entry("conntrack.Tuple.read", RoundTrip.of(Frame.INSIDE)),
            entry("nft.Hook.read", RoundTrip.of(Frame.ATTRIBUTE)),
            entry("nft.NftObject.decode", RoundTrip.of(Frame.NFGENMSG, "handle")),
            entry("nft.NftSet.decode", RoundTrip.of(Frame.NFGENMSG, "handle", "count")),
            entry("nft.Rule.decode", RoundTrip.of(Frame.NFGENMSG, "handle")),
            entry("nft.SetElement.read", RoundTrip.of(Frame.ATTRIBUTE)),
            entry("nft.Table.decode", RoundTrip.of(Frame.NFGENMSG, "handle", "owner")),
            entry("nft.expr.Expression.read", RoundTrip.of(Frame.ATTRIBUTE)),
            entry("nft.expr.Expression.readList", RoundTrip.of(Frame.ATTRIBUTE)),
            entry("route.Address.decode", RoundTrip.of(Frame.PAYLOAD)),
            entry("route.Bridge.read", RoundTrip.of(Frame.INSIDE)),
            entry("route.CacheInfo.read", RoundTrip.of(Frame.STANDING)),
            entry("route.LinkInfo.read", RoundTrip.of(Frame.INSIDE)),
            entry("route.LinkSettings.decode", RoundTrip.of(Frame.PAYLOAD)),
            entry("route.Metrics.read", RoundTrip.of(Frame.INSIDE)),
            entry("route.Neighbour.decode", RoundTrip.of(Frame.PAYLOAD, "cacheInfo", "probes", "type")),
            entry("route.Route.decode", RoundTrip.of(Frame.PAYLOAD)),
            entry("route.Rule.decode", RoundTrip.of(Frame.PAYLOAD)),
            entry("route.Sit.read", RoundTrip.of(Frame.INSIDE)),
            entry("route.Veth.read", RoundTrip.of(Frame.INSIDE)));

    private static final List<List<Class<?>>> WRITERS =
            List.of(List.of(MessageWriter.class), List.of(MessageWriter.class, int.class));

    /** What has {@code write}, too, and is written and read as part of something else. */
    static final Set<String> PARTS = Set.of("NextHop", "RawAttribute");

    private static final RoundTrip EXPRESSION = RoundTrip.of(Frame.INSIDE);

    /** The decoders whose results are written back. */
    static Set<String> names() {
        return TABLE.keySet();
    }

    static void check(Input input, Object value) throws Throwable {
        RoundTrip known = TABLE.get(input.decoder().name());
        RoundTrip trip = known == null && value instanceof Expression ? EXPRESSION : known;
        if (trip == null || !isFramedSo(trip.frame(), input.type())) {
            return;
        }
        Object sent = Records.without(value, trip.without());
        byte[] payload;
        try {
            payload = payload(trip.frame(), input.payload(), sent);
        } catch (IllegalArgumentException e) {
            // Bytes that are no UTF-8 become longer as text, and an attribute has room for 65,531.
            Assertions.assertTrue(input.payload().length() > 10_000, e::toString);
            return;
        }
        ByteBuffer b = ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder());
        Object again = input.decoder().body().decode(input.type(), b, 0, payload.length);
        Assertions.assertEquals(
                sent,
                again == null ? null : Records.without(again, trip.without()),
                () -> "written as " + Bytes.of(payload));
    }

    /** A nested decoder is told by the type whether it stands on the attribute or is inside ({@link Decoders}). */
    private static boolean isFramedSo(Frame frame, int type) {
        return switch (frame) {
            case PAYLOAD, NFGENMSG -> true;
            case ATTRIBUTE, INSIDE -> type == 0;
            case STANDING -> type != 0;
        };
    }

    private static byte[] payload(Frame frame, Bytes read, Object value) throws Throwable {
        MessageWriter w = new MessageWriter((1 << 16) + 8 * read.length());
        w.begin(0, 0);
        if (frame == Frame.NFGENMSG) {
            w.bytes(Arrays.copyOf(read.toArray(), NFGENMSG));
        }
        if (value instanceof Expression e && frame == Frame.ATTRIBUTE) {
            Expression.write(w, 0, e);
        } else {
            write(value, w);
        }
        w.end();
        int skip = MessageWriter.HEADER + (frame == Frame.ATTRIBUTE ? MessageWriter.ATTRIBUTE_HEADER : 0);
        byte[] payload = new byte[w.length() - skip];
        w.buffer().get(skip, payload);
        return payload;
    }

    private static void write(Object value, MessageWriter w) throws Throwable {
        if (value instanceof Expression e) {
            e.writeData(w);
            return;
        }
        if (value instanceof List<?> expressions) {
            Expression.writeList(
                    w, 0, expressions.stream().map(Expression.class::cast).toList());
            return;
        }
        Method write = writer(value.getClass());
        if (write == null) {
            throw new AssertionError("no write() in " + value.getClass());
        }
        try {
            if (write.getParameterCount() == 1) {
                write.invoke(value, w);
            } else {
                write.invoke(value, w, 1); // the number of the set in its batch, the type of the attribute
            }
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** {@code write(MessageWriter)}, or with a number behind; null if it has none. */
    static @Nullable Method writer(Class<?> type) {
        List<Class<?>> types = new ArrayList<>(List.of(type.getInterfaces()));
        types.add(0, type);
        for (List<Class<?>> parameters : WRITERS) {
            for (Class<?> t : types) {
                for (Method m : t.getDeclaredMethods()) {
                    if (m.getName().equals("write")
                            && List.of(m.getParameterTypes()).equals(parameters)) {
                        m.setAccessible(true);
                        return m;
                    }
                }
            }
        }
        return null;
    }

    private RoundTrips() {}
}
