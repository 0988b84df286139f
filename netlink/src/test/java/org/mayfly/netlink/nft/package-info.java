@NullMarked
package org.mayfly.netlink.nft;

import org.jspecify.annotations.NullMarked;
