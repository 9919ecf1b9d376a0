package dev.dolmen.core;

/** What is really held, for tests of bounds. */
public final class Heap {

  private static final int COLLECTIONS = 5;

  private Heap() {}

  /** Bytes in use once what nobody holds is collected. */
  public static long used() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
