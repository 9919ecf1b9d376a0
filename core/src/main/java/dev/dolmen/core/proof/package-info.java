/**
 * Proof that an entry is in a chain, as one file that is checked without a node: the entry, its
 * place in its block, and the headers that carry work on top of it. All types are immutable and may
 * be used from any thread. It depends on {@code core.block}, {@code core.consensus}, {@code
 * core.encoding} and {@code core.signature}.
 */
@NullMarked
package dev.dolmen.core.proof;

import org.jspecify.annotations.NullMarked;
