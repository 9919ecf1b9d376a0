/**
 * Translates between the messages peers exchange and the chain's own types; no other package knows
 * both. Stateless, so any thread may use it. Depends on {@code core} and {@code protocol}.
 */
@NullMarked
package dev.dolmen.node.wire;

import org.jspecify.annotations.NullMarked;
