/**
 * Tests of the jar as users have it: real processes, sockets, files and signals. Each test owns the
 * processes it starts and ends them by their own handles. Depends on the jar, which the build of
 * {@code node} makes before, and on nothing inside it.
 */
@NullMarked
package dev.dolmen.it.process;

import org.jspecify.annotations.NullMarked;
