/**
 * The canonical bytes: hashes, byte strings, SHA-256, and the reader and writer of fixed big-endian
 * layouts. Everything here is an immutable value or belongs to the one thread that made it. It
 * depends on the JDK alone.
 */
@NullMarked
package dev.dolmen.core.encoding;

import org.jspecify.annotations.NullMarked;
