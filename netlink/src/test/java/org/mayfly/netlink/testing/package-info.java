@NullMarked
package org.mayfly.netlink.testing;

import org.jspecify.annotations.NullMarked;
