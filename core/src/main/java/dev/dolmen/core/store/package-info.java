/**
 * What the chain keeps: the seam to the store, and a store in memory that keeps the same contract.
 * The node thread is the only writer; readers of any thread may look up what is there. Depends on
 * {@code core.block}, {@code core.consensus} and below.
 */
@NullMarked
package dev.dolmen.core.store;

import org.jspecify.annotations.NullMarked;
