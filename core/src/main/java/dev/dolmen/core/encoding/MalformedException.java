package dev.dolmen.core.encoding;

/** Bytes that are not the canonical encoding of anything; the message says where and what. */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedException(String message) {
    super(message);
  }
}
