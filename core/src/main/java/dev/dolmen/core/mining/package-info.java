/**
 * Making a block: what goes into it, and the search for a nonce that meets its target. Pure and
 * without threads: whoever searches on several cores splits the range and runs one search on each.
 * Depends on {@code core.chain}, {@code core.mempool}, {@code core.consensus} and below.
 */
@NullMarked
package dev.dolmen.core.mining;

import org.jspecify.annotations.NullMarked;
