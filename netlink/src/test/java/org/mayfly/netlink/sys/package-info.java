@NullMarked
package org.mayfly.netlink.sys;

import org.jspecify.annotations.NullMarked;
