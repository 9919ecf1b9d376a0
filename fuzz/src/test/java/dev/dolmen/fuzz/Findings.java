package dev.dolmen.fuzz;

/** What a target says when a decoder took something that it should not have. */
public final class Findings {

  private Findings() {}

  /** Fails unless it holds. */
  public static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("does not hold: " + what);
    }
  }
}
