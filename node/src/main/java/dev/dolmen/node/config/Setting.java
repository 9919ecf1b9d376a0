package dev.dolmen.node.config;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What can be set for a node. One word is the flag, the key in a file and, in capitals with
 * underscores, the environment variable: {@code --data-dir}, {@code data-dir}, {@code
 * DOLMEN_DATA_DIR}.
 */
public enum Setting {
  DATA_DIR("data-dir", Kind.TEXT),
  MEMORY("memory", Kind.SWITCH),
  LISTEN("listen", Kind.TEXT),
  CONNECT("connect", Kind.LIST),
  ALLOW("allow", Kind.LIST),
  API("api", Kind.TEXT),
  API_TOKEN_FILE("api-token-file", Kind.TEXT),
  NETWORK("network", Kind.TEXT),
  MINE("mine", Kind.SWITCH),
  NAME("name", Kind.TEXT),
  LOG_FORMAT("log-format", Kind.TEXT),
  LOG_FILE("log-file", Kind.TEXT),
  NO_DISCOVERY("no-discovery", Kind.SWITCH),
  MAX_PEERS("max-peers", Kind.NUMBER),
  OUTBOUND_PEERS("outbound-peers", Kind.NUMBER),
  INBOUND_PER_ADDRESS("inbound-per-address", Kind.NUMBER),
  INBOUND_PER_NETWORK("inbound-per-network", Kind.NUMBER);

  /** How a setting is written. */
  enum Kind {
    TEXT,
    /** A whole number, in a file without quotes. */
    NUMBER,
    /** {@code true} or {@code false}; as a flag, there or not. */
    SWITCH,
    /** An array in a file, separated by commas in the environment, a repeated flag. */
    LIST
  }

  private final String key;
  private final Kind kind;

  Setting(String key, Kind kind) {
    this.key = key;
    this.kind = kind;
  }

  /** Its name in a file, such as {@code data-dir}. */
  public String key() {
    return key;
  }

  /** Its name on the command line, such as {@code --data-dir}. */
  public String flag() {
    return "--" + key;
  }

  /** Its name in the environment, such as {@code DOLMEN_DATA_DIR}. */
  public String environmentVariable() {
    return "DOLMEN_" + key.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  Kind kind() {
    return kind;
  }

  static Optional<Setting> ofKey(String key) {
    return Stream.of(values()).filter(setting -> setting.key.equals(key)).findFirst();
  }
}
