package dev.dolmen.fuzz;

/**
 * What Jazzer's driver calls; {@code -Dfuzz.target} says which decoder is meant. It needs nothing
 * of Jazzer to compile.
 */
public final class JazzerEntry {

  /** The property that names a target. */
  static final String TARGET = "fuzz.target";

  private static final FuzzTarget DECODER = decoder();

  private JazzerEntry() {}

  private static FuzzTarget decoder() {
    try {
      return Targets.of(System.getProperty(TARGET, "")).make();
    } catch (Exception e) {
      throw new IllegalStateException("the target cannot be made", e);
    }
  }

  /** Before the first input, and outside of its time: everything is loaded and has run once. */
  public static void fuzzerInitialize() throws Exception {
    for (byte[] example : DECODER.examples()) {
      DECODER.feed(example);
    }
  }

  /** One input. */
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    DECODER.feed(input);
  }
}
