/**
 * What single steps cost, measured by JMH. Each benchmark owns its state; may depend on all
 * modules.
 */
@NullMarked
package dev.dolmen.benchmarks;

import org.jspecify.annotations.NullMarked;
