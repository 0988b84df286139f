/** Every decoder of the library against bytes that nobody meant. */
@NullMarked
package org.mayfly.netlink.fuzz;

import org.jspecify.annotations.NullMarked;
