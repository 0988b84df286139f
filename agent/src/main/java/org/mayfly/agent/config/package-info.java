/** What the operator wrote, typed, with a position for everything that is wrong. */
@NullMarked
package org.mayfly.agent.config;

import org.jspecify.annotations.NullMarked;
