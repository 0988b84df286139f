package org.mayfly.netlink;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's headers call the attributes of a message, and of what is nested in them; so that an error can say
 * which one the kernel disliked. Does not change.
 *
 * <pre>{@code
 * AttributeNames.of("IFLA_", "UNSPEC ADDRESS BROADCAST IFNAME …").nest("LINKINFO", info);
 * }</pre>
 */
public final class AttributeNames {
    /** No names: a path is of numbers alone. */
    public static final AttributeNames NONE = new AttributeNames("", List.of(), Map.of(), false);

    private static final String NO_NAME = "-";

    private final String prefix;
    private final List<String> names;
    private final Map<String, Inside> insides;
    private final boolean list;

    /**
     * What is inside of an attribute.
     *
     * @param by the attribute beside it whose string decides; null if nothing does
     * @param of by that string, or by the empty one
     */
    private record Inside(@Nullable String by, Map<String, AttributeNames> of) {}

    private AttributeNames(String prefix, List<String> names, Map<String, Inside> insides, boolean list) {
        this.prefix = prefix;
        this.names = names;
        this.insides = Map.copyOf(insides);
        this.list = list;
    }

    /**
     * @param prefix of all names, {@code IFA_}
     * @param names in the order of their numbers from 0 on, parted by blanks; {@code -} for a number without a name
     */
    public static AttributeNames of(String prefix, String names) {
        return new AttributeNames(prefix, List.of(names.strip().split("\\s+")), Map.of(), false);
    }

    /**
     * The inside of an attribute that holds nothing but others of one kind, such as {@code NFTA_LIST_ELEM}. In a path
     * these are numbered: {@code NFTA_LIST_ELEM[0]} is the first.
     */
    public static AttributeNames listOf(String name, AttributeNames element) {
        return new AttributeNames("", List.of(name), Map.of(name, new Inside(null, Map.of("", element))), true);
    }

    /**
     * Says what is inside of an attribute.
     *
     * @param name without the prefix
     */
    public AttributeNames nest(String name, AttributeNames inside) {
        return with(name, new Inside(null, Map.of("", inside)));
    }

    /**
     * Says what is inside of an attribute where that depends on another beside it, as {@code IFLA_INFO_DATA} depends on
     * {@code IFLA_INFO_KIND}.
     *
     * @param name without the prefix
     * @param by the attribute whose string decides, without the prefix
     * @param of what is inside, by that string
     */
    public AttributeNames choose(String name, String by, Map<String, AttributeNames> of) {
        return with(name, new Inside(by, Map.copyOf(of)));
    }

    private AttributeNames with(String name, Inside inside) {
        if (!names.contains(name)) {
            throw new IllegalArgumentException("there is no " + prefix + name);
        }
        Map<String, Inside> more = new HashMap<>(insides);
        more.put(name, inside);
        return new AttributeNames(prefix, names, more, list);
    }

    /**
     * The way to an attribute, by names where there are some, else by numbers.
     *
     * @param b holds a request as it was sent
     * @param start of its first attribute
     * @param end of the message
     * @param target where the attribute's header begins, or anything in its value
     * @return {@code IFLA_LINKINFO/IFLA_INFO_KIND}; empty if no attribute is there
     */
    String path(ByteBuffer b, int start, int end, int target) {
        AttributeReader a = find(b, start, end, target);
        if (a == null) {
            return "";
        }
        String name = name(a, b, start);
        AttributeNames inside = inside(a, b, start, end);
        boolean nest = inside != NONE || (a.rawType() & MessageWriter.NLA_F_NESTED) != 0;
        String rest = nest ? inside.path(b, a.offset(), a.offset() + a.length(), target) : "";
        return rest.isEmpty() ? name : name + "/" + rest;
    }

    /**
     * The way to an attribute that is not there.
     *
     * @param nest where the header of the attribute begins in which it is missing; {@code start} or less for none
     * @param type of the one that is missing
     */
    String missing(ByteBuffer b, int start, int end, int nest, int type) {
        AttributeReader a = nest < start ? null : find(b, start, end, nest);
        if (a == null) {
            return name(type);
        }
        int within = a.offset() - MessageWriter.ATTRIBUTE_HEADER == nest ? 0 : nest;
        AttributeNames inside = inside(a, b, start, end);
        return name(a, b, start) + "/" + inside.missing(b, a.offset(), a.offset() + a.length(), within, type);
    }

    private static @Nullable AttributeReader find(ByteBuffer b, int start, int end, int target) {
        AttributeReader a = new AttributeReader(b, start, end - start);
        while (a.next()) {
            int header = a.offset() - MessageWriter.ATTRIBUTE_HEADER;
            if (target >= header && target < a.offset() + Math.max(a.length(), 1)) {
                return a;
            }
        }
        return null;
    }

    /** In a list, where all are called the same, with the number of the element from 0 on. */
    private String name(AttributeReader a, ByteBuffer b, int start) {
        if (!list) {
            return name(a.type());
        }
        int index = 0;
        AttributeReader before = new AttributeReader(b, start, a.offset() - MessageWriter.ATTRIBUTE_HEADER - start);
        while (before.next()) {
            index++;
        }
        return name(a.type()) + "[" + index + "]";
    }

    private String name(int type) {
        String known = known(type);
        return known.equals(NO_NAME) ? Integer.toString(type) : prefix + known;
    }

    private String known(int type) {
        int index = list ? 0 : type;
        return index < names.size() ? names.get(index) : NO_NAME;
    }

    private AttributeNames inside(AttributeReader a, ByteBuffer b, int start, int end) {
        Inside inside = insides.get(known(a.type()));
        if (inside == null) {
            return NONE;
        }
        String which = "";
        AttributeReader beside = new AttributeReader(b, start, end - start);
        while (inside.by != null && beside.next()) {
            which = known(beside.type()).equals(inside.by) ? beside.string() : which;
        }
        return inside.of.getOrDefault(which, NONE);
    }
}
