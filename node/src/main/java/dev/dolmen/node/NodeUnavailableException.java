package dev.dolmen.node;

/**
 * The node cannot answer now: it is stopping, or too many ask at once. Asking again later may work.
 */
public final class NodeUnavailableException extends Exception {
  NodeUnavailableException(String message) {
    super(message);
  }
}
