@NullMarked
package org.mayfly.netlink;

import org.jspecify.annotations.NullMarked;
