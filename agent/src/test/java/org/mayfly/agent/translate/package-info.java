@NullMarked
package org.mayfly.agent.translate;

import org.jspecify.annotations.NullMarked;
