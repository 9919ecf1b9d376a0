/**
 * What the node's machines ask of the world: values that say what is to be sent, closed or told.
 * The node thread makes them and its runner performs them, in order. Depends on {@code core},
 * {@code network.identity}, {@code network.peers} and {@code protocol}.
 */
@NullMarked
package dev.dolmen.node.action;

import org.jspecify.annotations.NullMarked;
