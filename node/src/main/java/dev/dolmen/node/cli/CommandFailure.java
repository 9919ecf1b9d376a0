package dev.dolmen.node.cli;

/** Ends a command with one line for people and an exit code. */
final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1;

  private final int exitCode;

  /**
   * A failure that is no bug.
   *
   * @param exitCode one of {@link ExitCode}
   * @param whatToDo one line that says what is wrong and what to do
   */
  CommandFailure(int exitCode, String whatToDo) {
    super(whatToDo);
    this.exitCode = exitCode;
  }

  CommandFailure(int exitCode, String whatToDo, Throwable cause) {
    super(whatToDo, cause);
    this.exitCode = exitCode;
  }

  /** A failure whose cause already says, in one line, what is wrong and what to do. */
  CommandFailure(int exitCode, Exception cause) {
    super(cause.getMessage(), cause);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
