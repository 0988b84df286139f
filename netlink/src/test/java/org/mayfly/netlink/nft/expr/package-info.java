@NullMarked
package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.NullMarked;
