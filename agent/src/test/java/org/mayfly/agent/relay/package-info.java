@NullMarked
package org.mayfly.agent.relay;

import org.jspecify.annotations.NullMarked;
