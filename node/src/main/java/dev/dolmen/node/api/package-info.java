/**
 * The HTTP API: JSON, raw blocks, server-sent events and the explorer page's files, as {@code
 * docs/api.md} describes them. One event loop of its own owns connections and requests, a few
 * workers look into the store; the node thread is asked, never waited for on the loop. Depends on
 * {@code node}, {@code node.action}, {@code node.config}, {@code node.explorer}, {@code
 * node.metrics}, {@code core}, {@code network} and Vert.x.
 */
@NullMarked
package dev.dolmen.node.api;

import org.jspecify.annotations.NullMarked;
