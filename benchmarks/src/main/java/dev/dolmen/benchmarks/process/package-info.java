/**
 * What users feel, measured on processes of the jar over real sockets, each figure beside a floor
 * of the same run. Whoever adds a measure names it in {@link
 * dev.dolmen.benchmarks.process.MeasureCommand}; may depend on all modules.
 */
@NullMarked
package dev.dolmen.benchmarks.process;

import org.jspecify.annotations.NullMarked;
