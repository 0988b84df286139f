/** What stays behind after many doors. */
@NullMarked
package org.mayfly.agent.endurance;

import org.jspecify.annotations.NullMarked;
