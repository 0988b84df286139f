@NullMarked
package org.mayfly.netlink.route;

import org.jspecify.annotations.NullMarked;
