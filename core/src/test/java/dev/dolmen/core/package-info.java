/**
 * Builders of blocks for tests, here and in the other modules. Everything is deterministic and
 * immutable, so any thread may use it. It depends on the production packages of {@code core} alone.
 */
@NullMarked
package dev.dolmen.core;

import org.jspecify.annotations.NullMarked;
