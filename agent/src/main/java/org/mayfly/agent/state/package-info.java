/** What must survive a restart: who the server is, who its clients are, and which stamps they have used. */
@NullMarked
package org.mayfly.agent.state;

import org.jspecify.annotations.NullMarked;
