/** What a rule is made of: the expressions of nf_tables, which load registers, compare them and decide. */
@NullMarked
package org.mayfly.netlink.nft.expr;

import org.jspecify.annotations.NullMarked;
