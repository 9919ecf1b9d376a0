/**
 * A whole network in one JVM that can be taken apart while it runs: its nodes are those of {@link
 * dev.dolmen.node.Dolmen}, its links real TCP with TLS, and each can be cut, slowed, stopped and
 * mended. The verbs may be called from any thread and take turns; what they find is immutable. May
 * use {@code node} and what that uses, but neither the API nor the commands, which are built on it.
 */
@NullMarked
package dev.dolmen.node.devnet;

import org.jspecify.annotations.NullMarked;
