package dev.dolmen.node.config;

/**
 * A setting or a file of settings that cannot be used. The message is one line and says what to do.
 */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1;

  public ConfigurationException(String whatToDo) {
    super(whatToDo);
  }

  public ConfigurationException(String whatToDo, Throwable cause) {
    super(whatToDo, cause);
  }
}
