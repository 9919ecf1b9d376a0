/**
 * What all nodes of a network must agree on: its parameters and genesis, targets and work, and the
 * rules for headers and blocks. All types are immutable and may be used from any thread, but for
 * the memory of verified signatures, which has one owner; time comes in as an argument. It depends
 * on {@code core.encoding}, {@code core.signature} and {@code core.block}.
 */
@NullMarked
package dev.dolmen.core.consensus;

import org.jspecify.annotations.NullMarked;
