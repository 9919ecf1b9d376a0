/**
 * Tests of the HTTP API through real sockets of this machine, with nodes in memory. Each test owns
 * the nodes it starts. Depends on what the API depends on.
 */
@NullMarked
package dev.dolmen.node.api;

import org.jspecify.annotations.NullMarked;
