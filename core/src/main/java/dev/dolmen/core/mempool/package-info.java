/**
 * Transactions that wait for a block. The node thread owns the pool; what it answers is immutable.
 * Depends on {@code core.block}, {@code core.consensus} and below.
 */
@NullMarked
package dev.dolmen.core.mempool;

import org.jspecify.annotations.NullMarked;
