/**
 * Whole nodes on virtual time and a network in memory: the shipping code from the frame up, one
 * thread, one seed. The test thread owns everything. May depend on all modules.
 */
@NullMarked
package dev.dolmen.it.simulation;

import org.jspecify.annotations.NullMarked;
