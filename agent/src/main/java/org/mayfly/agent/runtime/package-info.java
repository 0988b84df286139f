/** Main, wiring, the loop. Imported by nobody. */
@NullMarked
package org.mayfly.agent.runtime;

import org.jspecify.annotations.NullMarked;
