package dev.dolmen.node.cli;

/**
 * What the process ends with, for scripts. A node stopped by a signal ends as the JVM reports it.
 */
final class ExitCode {
  static final int YES = 0;

  /** The answer is no, or nobody can be reached who knows. */
  static final int NO = 1;

  /** A flag, a setting, a port or a directory cannot be used as it is. */
  static final int USAGE = 2;

  /** It did not happen in time, and may still, or it can no longer happen. */
  static final int TOO_LATE = 3;

  private ExitCode() {}
}
