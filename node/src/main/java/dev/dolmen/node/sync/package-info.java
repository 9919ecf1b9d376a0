/**
 * Catching up, from both sides: which branch of headers is heavier than ours, its blocks from all
 * peers at once; and what we answer to those who ask the same of us. Pure machines owned by the
 * node thread: messages and time in, actions out. Depends on {@code node.wire}, {@code node.action}
 * and {@code core}.
 */
@NullMarked
package dev.dolmen.node.sync;

import org.jspecify.annotations.NullMarked;
