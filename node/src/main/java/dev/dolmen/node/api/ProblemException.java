package dev.dolmen.node.api;

/**
 * Carries a {@link Problem} out of the middle of reading a request; never a bug, so without a
 * stack.
 */
final class ProblemException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  ProblemException(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
