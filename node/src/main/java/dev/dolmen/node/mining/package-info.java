/**
 * Making blocks, apart from accepting them: when to make one, and the threads that search for a
 * nonce. {@code BlockMaker} decides and belongs to the node thread; {@code Miner} owns its threads.
 * Depends on {@code core}.
 */
@NullMarked
package dev.dolmen.node.mining;

import org.jspecify.annotations.NullMarked;
