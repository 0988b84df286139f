/** sock_diag(7): which sockets there are, and how to end one. */
@NullMarked
package org.mayfly.netlink.diag;

import org.jspecify.annotations.NullMarked;
