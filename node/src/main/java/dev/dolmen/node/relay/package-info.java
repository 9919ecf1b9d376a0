/**
 * Passing on blocks and transactions: to every peer that lacks them, once. Pure machines owned by
 * the node thread: messages and time in, actions out. Depends on {@code node.wire}, {@code
 * node.action} and {@code core}.
 */
@NullMarked
package dev.dolmen.node.relay;

import org.jspecify.annotations.NullMarked;
