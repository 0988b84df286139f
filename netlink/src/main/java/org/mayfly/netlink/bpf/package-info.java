/** A small eBPF assembler, and what loads and attaches its programs: bpf(2), {@code linux/bpf.h}. */
@NullMarked
package org.mayfly.netlink.bpf;

import org.jspecify.annotations.NullMarked;
