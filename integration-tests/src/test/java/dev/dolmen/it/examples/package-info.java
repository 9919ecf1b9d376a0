/**
 * Runs what {@code docs/examples} and {@code docs/lessons} show, as a reader would run it. Each
 * test owns the processes it starts. Depends on the node and on the commands the examples name.
 */
@NullMarked
package dev.dolmen.it.examples;

import org.jspecify.annotations.NullMarked;
