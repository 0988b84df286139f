package org.mayfly.netlink.nft;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.nft.expr.Expression;

/**
 * How a set keeps its elements; most sets leave all of it to the kernel ({@link #NONE}).
 *
 * @param policy {@link #PERFORMANCE} or {@link #MEMORY}: what the kernel is to prefer in its choice of a data structure
 * @param size how many elements it may have; 0 for no limit
 * @param fields bytes of each field of the key without what pads it, which a set with {@link NftSet#INTERVAL} and
 *     {@link NftSet#CONCAT} needs; else none
 * @param timeout how long an element lives that does not say so itself; null for ever
 * @param gcInterval how often the kernel looks for elements that have expired; null for as often as it likes
 * @param expressions what every element does with a packet that matches it, such as to count it
 */
public record SetOptions(
        int policy,
        int size,
        List<Integer> fields,
        @Nullable Duration timeout,
        @Nullable Duration gcInterval,
        List<Expression> expressions) {
    /** {@code NFT_SET_POL_PERFORMANCE}. */
    public static final int PERFORMANCE = 0;

    /** {@code NFT_SET_POL_MEMORY}. */
    public static final int MEMORY = 1;

    /** Nothing out of the ordinary. */
    public static final SetOptions NONE = new SetOptions(PERFORMANCE, 0, List.of(), null, null, List.of());

    public SetOptions {
        fields = List.copyOf(fields);
        expressions = List.copyOf(expressions);
    }

    public SetOptions withPolicy(int p) {
        return new SetOptions(p, size, fields, timeout, gcInterval, expressions);
    }

    public SetOptions withSize(int elements) {
        return new SetOptions(policy, elements, fields, timeout, gcInterval, expressions);
    }

    /** The fields of a concatenation. */
    public SetOptions withFields(DataType... types) {
        return withFields(Arrays.stream(types).map(DataType::length).toList());
    }

    /** The fields of a concatenation, by the bytes of each. */
    public SetOptions withFields(List<Integer> lengths) {
        return new SetOptions(policy, size, lengths, timeout, gcInterval, expressions);
    }

    public SetOptions withTimeout(Duration t) {
        return new SetOptions(policy, size, fields, t, gcInterval, expressions);
    }

    public SetOptions withGcInterval(Duration i) {
        return new SetOptions(policy, size, fields, timeout, i, expressions);
    }

    public SetOptions withExpressions(List<Expression> some) {
        return new SetOptions(policy, size, fields, timeout, gcInterval, some);
    }
}
