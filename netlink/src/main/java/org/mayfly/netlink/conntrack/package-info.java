/** ctnetlink: which connections netfilter follows, and how to make it forget one. */
@NullMarked
package org.mayfly.netlink.conntrack;

import org.jspecify.annotations.NullMarked;
