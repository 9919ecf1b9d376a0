/**
 * The chain: all known headers with their work, the best branch, and the one door through which a
 * block gets in. The node thread owns it; readers get immutable values. Depends on {@code
 * core.store}, {@code core.consensus}, {@code core.block} and below, and on no clock: time is an
 * argument.
 */
@NullMarked
package dev.dolmen.core.chain;

import org.jspecify.annotations.NullMarked;
