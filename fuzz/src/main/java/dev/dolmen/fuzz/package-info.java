/**
 * Every decoder, and a whole node, fed with what nobody meant to write; nothing here ships. A
 * {@code FuzzTarget} is one of them, {@code Targets} names them all; {@code DecodersTest} feeds
 * each a little at every build, {@code FuzzCommand} for as long as one likes. Targets that reach
 * for something package-private live in its package, in this module.
 */
@NullMarked
package dev.dolmen.fuzz;

import org.jspecify.annotations.NullMarked;
