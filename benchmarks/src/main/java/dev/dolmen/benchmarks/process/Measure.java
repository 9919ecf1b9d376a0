package dev.dolmen.benchmarks.process;

import java.io.IOException;

/** One line of the table in docs/performance.md. */
interface Measure {

  /** Measures; every figure goes to the report as soon as it is known. */
  void run(Workbench bench, Report report) throws IOException, InterruptedException;
}
