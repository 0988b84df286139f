@NullMarked
package org.mayfly.netlink.conn;

import org.jspecify.annotations.NullMarked;
