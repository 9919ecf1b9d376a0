/**
 * A whole peer: {@code Node} decides, {@code NodeRunner} is the thread that drives it, {@code
 * Dolmen} is how a program embeds it. The node thread owns chain, mempool, sync and relay;
 * everything handed out is immutable. Depends on all modules below and on its own feature packages,
 * but not on the API or the command line.
 */
@NullMarked
package dev.dolmen.node;

import org.jspecify.annotations.NullMarked;
