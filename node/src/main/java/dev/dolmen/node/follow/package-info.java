/**
 * What an embedding program waits for: looks at the chain as it was last synced, followers that are
 * told each block, and promises that an entry is in the chain. {@code ChainWalk} and {@code
 * InclusionPromises} decide, purely; {@code Attendant} is the thread that each follower, and the
 * watch over all promises, has of its own, so that a slow listener costs the node nothing. Depends
 * on core only.
 */
@NullMarked
package dev.dolmen.node.follow;

import org.jspecify.annotations.NullMarked;
