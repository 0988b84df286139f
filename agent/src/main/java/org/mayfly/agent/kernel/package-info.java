/** The kernel as the agent sees it: the real one, by netlink, and one in memory that behaves the same. */
@NullMarked
package org.mayfly.agent.kernel;

import org.jspecify.annotations.NullMarked;
