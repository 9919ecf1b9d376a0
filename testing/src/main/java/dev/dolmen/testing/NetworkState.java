package dev.dolmen.testing;

/** Added to a test's failure, so that its report shows where each node stood. */
final class NetworkState extends RuntimeException {
  private static final long serialVersionUID = 1;

  NetworkState(String description) {
    super(description, null, false, false);
  }
}
