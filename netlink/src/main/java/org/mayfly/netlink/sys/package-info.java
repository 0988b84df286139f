/** The only native calls of the library, by jnr-ffi. */
@NullMarked
package org.mayfly.netlink.sys;

import org.jspecify.annotations.NullMarked;
