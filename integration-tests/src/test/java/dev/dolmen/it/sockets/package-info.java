/**
 * Whole nodes in one JVM on real sockets with TLS, in memory. Each test owns the nodes it starts
 * and stops them. May depend on all modules.
 */
@NullMarked
package dev.dolmen.it.sockets;

import org.jspecify.annotations.NullMarked;
