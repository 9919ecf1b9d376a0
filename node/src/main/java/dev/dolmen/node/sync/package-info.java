/**
 * The lesson's conversation, from both sides: what is your tip, and all blocks after what we share.
 * Pure machines owned by the node thread: messages and time in, actions out. Depends on {@code
 * node.wire}, {@code node.action} and {@code core}.
 */
@NullMarked
package dev.dolmen.node.sync;

import org.jspecify.annotations.NullMarked;
