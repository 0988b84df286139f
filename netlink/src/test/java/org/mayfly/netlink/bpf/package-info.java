@NullMarked
package org.mayfly.netlink.bpf;

import org.jspecify.annotations.NullMarked;
