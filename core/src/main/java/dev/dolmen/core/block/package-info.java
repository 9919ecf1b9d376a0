/**
 * What a chain is made of: headers, transactions, blocks and the Merkle tree that binds them. All
 * types are immutable and may be used from any thread. It depends on {@code core.encoding} and
 * {@code core.signature}.
 */
@NullMarked
package dev.dolmen.core.block;

import org.jspecify.annotations.NullMarked;
