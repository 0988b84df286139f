package org.mayfly.netlink.bpf;

/** A place in a program to jump to. Made before it, {@link Assembler#place placed} once. */
public final class Label {
    private static final int NOWHERE = -1;

    private final String name;
    private int at = NOWHERE;

    /** @param name for errors */
    public Label(String name) {
        this.name = name;
    }

    void place(int instruction) {
        if (at != NOWHERE) {
            throw new IllegalStateException(name + " is placed already, at " + at);
        }
        at = instruction;
    }

    int at() {
        if (at == NOWHERE) {
            throw new IllegalStateException(name + " is placed nowhere");
        }
        return at;
    }

    @Override
    public String toString() {
        return name;
    }
}
