package org.mayfly.netlink.bpf;

/** What a program may call: {@code BPF_FUNC_…}, described in bpf-helpers(7). */
public enum Helper {
    MAP_LOOKUP_ELEM(1),
    SKB_LOAD_BYTES(26),
    /** For programs under a licence that is compatible with the GPL. */
    FIB_LOOKUP(69);

    final int number;

    Helper(int number) {
        this.number = number;
    }
}
