@NullMarked
package org.mayfly.agent.kernel;

import org.jspecify.annotations.NullMarked;
