package org.mayfly.netlink.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;

/**
 * A message that was good once, changed where it hurts: in the lengths, the types and the nesting of its attributes.
 * What is done to it is a program of bytes, which a fuzzer or a random number generator writes:
 *
 * <pre>
 *  which message u16 | operation u8, which attribute u8, argument u16 | operation … | …
 * </pre>
 *
 * <p>A program that ends early is one, too.
 */
final class Mutation {
    private static final int HEADER = 4;
    private static final int OPERATIONS = 32;
    private static final int SIZE = 60_000;

    /** An attribute, or (without a type) all that stands behind the fixed header of a message. */
    private static final class Node {
        int type;
        byte[] value;

        @Nullable
        List<Node> inside;

        /** What {@code nla_len} says beyond the truth. */
        int lie;

        Node(int type, byte[] value) {
            this.type = type;
            this.value = value;
            this.inside = parse(value, 0);
        }

        Node copy() {
            Node copy = new Node(type, bytes());
            copy.lie = lie;
            return copy;
        }

        byte[] bytes() {
            if (inside == null) {
                return value;
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (Node n : inside) {
                byte[] bytes = n.bytes();
                int length = bytes.length + HEADER + n.lie;
                out.write(length);
                out.write(length >>> 8);
                out.write(n.type);
                out.write(n.type >>> 8);
                out.writeBytes(bytes);
                out.writeBytes(new byte[-bytes.length & 3]);
            }
            return out.toByteArray();
        }
    }

    private final ByteBuffer program;
    private final List<Input> goldens;

    private Mutation(byte[] program, List<Input> goldens) {
        this.program = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        this.goldens = goldens;
    }

    static Input of(byte[] program, List<Input> goldens) {
        return new Mutation(program, goldens).run();
    }

    private Input run() {
        Input golden = any();
        byte[] header = header(golden.payload().toArray());
        Node root = new Node(0, behind(golden, header));
        for (int i = 0; i < OPERATIONS && program.remaining() >= 4; i++) {
            int operation = Byte.toUnsignedInt(program.get());
            List<Node> lists = new ArrayList<>();
            collect(root, lists);
            Node parent = lists.get(Byte.toUnsignedInt(program.get()) % lists.size());
            mutate(operation, parent, root, u16());
        }
        byte[] bytes = root.bytes();
        byte[] payload = Arrays.copyOf(header, header.length + Math.min(bytes.length, SIZE));
        System.arraycopy(bytes, 0, payload, header.length, payload.length - header.length);
        return new Input(golden.decoder(), golden.type(), Bytes.of(payload));
    }

    private Input any() {
        return goldens.get(u16() % goldens.size());
    }

    private int u16() {
        return program.remaining() < 2 ? 0 : Short.toUnsignedInt(program.getShort());
    }

    private static void mutate(int operation, Node n, Node root, int argument) {
        switch (operation % 12) {
            case 0 -> n.lie = argument;
            case 1 -> n.lie += (byte) argument;
            case 2 -> n.type = argument;
            case 3 -> n.type ^= argument << 14;
            case 4 -> n.type = n.type & 0xc000 | argument & 0x1f;
            case 5 -> flip(n, argument);
            case 6 -> cut(n, argument);
            case 7 -> grow(n, argument);
            case 8 -> remove(n, argument);
            case 9 -> repeat(n, argument);
            case 10 -> n.inside = new ArrayList<>(List.of(n.copy()));
            default -> deepen(n, root);
        }
    }

    private static void flip(Node n, int argument) {
        byte[] bytes = n.bytes().clone();
        if (bytes.length > 0) {
            bytes[(argument >>> 8) % bytes.length] ^= (byte) argument;
        }
        n.value = bytes;
        n.inside = null;
    }

    private static void cut(Node n, int argument) {
        byte[] bytes = n.bytes();
        n.value = Arrays.copyOf(bytes, bytes.length == 0 ? 0 : argument % bytes.length);
        n.inside = null;
    }

    private static void grow(Node n, int argument) {
        byte[] bytes = n.bytes();
        n.value = Arrays.copyOf(bytes, Math.min(SIZE, bytes.length + argument % 64));
        n.inside = null;
    }

    private static void remove(Node n, int argument) {
        if (n.inside != null && !n.inside.isEmpty()) {
            n.inside.remove(argument % n.inside.size());
        }
    }

    private static void repeat(Node n, int argument) {
        if (n.inside != null && !n.inside.isEmpty()) {
            Node one = n.inside.get(argument % n.inside.size());
            for (int i = 0; i <= argument >>> 12 && n.bytes().length < SIZE / 4; i++) {
                n.inside.add(one.copy());
            }
        }
    }

    /** Puts all of the message inside of one attribute: done again and again, as deep as it can be. */
    private static void deepen(Node n, Node root) {
        byte[] all = root.bytes();
        if (all.length < SIZE / 4) {
            n.inside = parse(all, 0);
            n.value = all;
        }
    }

    private static void collect(Node n, List<Node> found) {
        found.add(n);
        if (n.inside != null) {
            n.inside.forEach(i -> collect(i, found));
        }
    }

    /** What stands before the attributes: no more than {@code struct inet_diag_msg}. */
    private static byte[] header(byte[] payload) {
        for (int at = 0; at <= Math.min(payload.length, 72); at += 4) {
            if (at < payload.length && parse(payload, at) != null) {
                return Arrays.copyOf(payload, at);
            }
        }
        return payload;
    }

    private static byte[] behind(Input golden, byte[] header) {
        byte[] payload = golden.payload().toArray();
        return Arrays.copyOfRange(payload, header.length, payload.length);
    }

    /** The attributes that stand there from {@code at} to the end; null if it is no list of attributes. */
    private static @Nullable List<Node> parse(byte[] bytes, int at) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        List<Node> found = new ArrayList<>();
        while (at < bytes.length) {
            if (bytes.length - at < HEADER) {
                return null;
            }
            int length = Short.toUnsignedInt(b.getShort(at));
            if (length < HEADER || length > bytes.length - at) {
                return null;
            }
            byte[] value = Arrays.copyOfRange(bytes, at + HEADER, at + length);
            found.add(new Node(Short.toUnsignedInt(b.getShort(at + 2)), value));
            at += length + 3 & ~3;
        }
        return found.isEmpty() ? null : found;
    }
}
