package dev.dolmen.benchmarks.process;

/**
 * What the same machine does at the same time of the bare work that a measured thing cannot do
 * without.
 *
 * @param what it is, in a few words
 * @param value in the unit of the figure it belongs to
 */
record Floor(String what, double value) {}
