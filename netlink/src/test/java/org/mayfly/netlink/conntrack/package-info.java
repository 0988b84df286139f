@NullMarked
package org.mayfly.netlink.conntrack;

import org.jspecify.annotations.NullMarked;
