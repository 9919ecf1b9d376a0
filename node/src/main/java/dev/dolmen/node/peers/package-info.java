/**
 * What a node keeps about others from one run to the next: whom its operator does not want. One
 * thread writes its files; what is read at the start is read before that thread runs. It may depend
 * on {@code network}, and on nothing else of the node.
 */
@NullMarked
package dev.dolmen.node.peers;

import org.jspecify.annotations.NullMarked;
