/** What listens: Netty, on one event loop. Hands bytes on and knows nothing of what they mean. */
@NullMarked
package org.mayfly.agent.net;

import org.jspecify.annotations.NullMarked;
