/** What is installed, and the lab. */
@NullMarked
package org.mayfly.packaging;

import org.jspecify.annotations.NullMarked;
