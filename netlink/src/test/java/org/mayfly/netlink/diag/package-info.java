@NullMarked
package org.mayfly.netlink.diag;

import org.jspecify.annotations.NullMarked;
