/** What every netlink family shares: message headers, attributes, flags, acknowledgements, errors. Plain Java. */
@NullMarked
package org.mayfly.netlink;

import org.jspecify.annotations.NullMarked;
