/**
 * Draws measured curves as SVG for the documentation. Pure text; may depend on nothing but the JDK
 * and Guava.
 */
@NullMarked
package dev.dolmen.benchmarks.plot;

import org.jspecify.annotations.NullMarked;
