/** rtnetlink(7): addresses, links, neighbours, routes. */
@NullMarked
package org.mayfly.netlink.route;

import org.jspecify.annotations.NullMarked;
