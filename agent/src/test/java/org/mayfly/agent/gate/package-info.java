@NullMarked
package org.mayfly.agent.gate;

import org.jspecify.annotations.NullMarked;
