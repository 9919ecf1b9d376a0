package dev.dolmen.it.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What commands that run the jar for a long time have in common: a directory of their own, and an
 * end of the program. At the first failure the directory stays as it is, is named, and the exit
 * code is 1.
 */
final class LongRun {

  private LongRun() {}

  /** What is done in the directory. */
  interface Work {
    void run(Jar jar, Path directory) throws IOException, InterruptedException;
  }

  /**
   * Does it, and ends the program.
   *
   * @param name of the directory
   * @param seed that shows a failure again
   */
  static void run(String name, long seed, Work work) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(name);
    Jar jar = new Jar(Files.createDirectories(directory.resolve("printed")));
    boolean failed = false;
    try {
      work.run(jar, directory);
    } catch (AssertionError | RuntimeException failure) {
      failure.printStackTrace(System.out);
      System.out.println("FAILED with seed " + seed + ": " + directory);
      failed = true;
    } finally {
      jar.endAll();
    }
    if (!failed) {
      StoreCheck.delete(directory);
    }
    System.exit(failed ? 1 : 0);
  }
}
