/**
 * What Prometheus is told: the figures of {@code docs/metrics.md}, read when it asks. Answers of
 * the API are counted on its event loop, tips and peers on the node thread; everything else is
 * looked at by whoever renders. Depends on {@code node}, {@code node.action}, {@code node.store},
 * {@code core} and the Prometheus client.
 */
@NullMarked
package dev.dolmen.node.metrics;

import org.jspecify.annotations.NullMarked;
