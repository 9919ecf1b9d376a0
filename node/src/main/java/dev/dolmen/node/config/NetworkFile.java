package dev.dolmen.node.config;

import com.google.common.collect.ImmutableSet;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.signature.PublicKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tomlj.TomlArray;

/**
 * A network's parameters as a TOML file that its members pass to one another. Every parameter is
 * written out, none has a default, and unknown keys are refused: two who read the same file run the
 * same network. Comments and layout are free; the genesis hash covers the values only.
 *
 * <p>Keys: {@code name}, {@code genesis-time}, {@code interval}, {@code half-life}, {@code
 * first-target}, {@code fixed-target}, {@code largest-block}, {@code authors}.
 */
public final class NetworkFile {

  private static final String NAME = "name";
  private static final String GENESIS_TIME = "genesis-time";
  private static final String INTERVAL = "interval";
  private static final String HALF_LIFE = "half-life";
  private static final String FIRST_TARGET = "first-target";
  private static final String FIXED_TARGET = "fixed-target";
  private static final String LARGEST_BLOCK = "largest-block";
  private static final String AUTHORS = "authors";

  private static final ImmutableSet<String> KEYS =
      ImmutableSet.of(
          NAME,
          GENESIS_TIME,
          INTERVAL,
          HALF_LIFE,
          FIRST_TARGET,
          FIXED_TARGET,
          LARGEST_BLOCK,
          AUTHORS);

  private static final int HEX_DIGITS_OF_BITS = 8;

  private final TomlFile toml;

  private NetworkFile(TomlFile toml) {
    this.toml = toml;
  }

  /**
   * Reads a network file.
   *
   * @throws ConfigurationException if it cannot be read, lacks a key, has an unknown one, or a
   *     value is out of range; names file, line and key
   */
  public static NetworkParameters read(Path file) throws ConfigurationException {
    return new NetworkFile(TomlFile.read("network file", Setting.NETWORK.flag(), file))
        .parameters();
  }

  private NetworkParameters parameters() throws ConfigurationException {
    for (String key : toml.table().keySet()) {
      if (!KEYS.contains(key)) {
        throw toml.complaint(key, "is unknown; there are " + String.join(", ", KEYS));
      }
    }
    for (String key : KEYS) {
      if (!toml.table().contains(List.of(key))) {
        throw toml.complaint(key, "is missing; every parameter of a network is written out");
      }
    }
    try {
      return NetworkParameters.builder(value(NAME, String.class, "is a text in quotes"))
          .genesisTime(genesisTime())
          .interval(duration(INTERVAL))
          .halfLife(duration(HALF_LIFE))
          .firstBits(firstBits())
          .fixedTarget(
              value(FIXED_TARGET, Boolean.class, "is either true or false, without quotes"))
          .largestBlock(largestBlock())
          .authors(authors())
          .build();
    } catch (IllegalArgumentException outOfRange) {
      throw new ConfigurationException(
          "network file " + toml.file() + ": " + outOfRange.getMessage(), outOfRange);
    }
  }

  private <T> T value(String key, Class<T> type, String otherwise) throws ConfigurationException {
    Object value = toml.table().get(List.of(key));
    if (!type.isInstance(value)) {
      throw toml.complaint(key, otherwise);
    }
    return type.cast(value);
  }

  private long genesisTime() throws ConfigurationException {
    String otherwise = "is a time with its zone and at most milliseconds: 2026-01-01T00:00:00Z";
    Instant time = value(GENESIS_TIME, OffsetDateTime.class, otherwise).toInstant();
    if (!isWholeMillis(time)) {
      throw toml.complaint(GENESIS_TIME, otherwise);
    }
    return time.toEpochMilli();
  }

  private static boolean isWholeMillis(Instant time) {
    return time.equals(time.truncatedTo(ChronoUnit.MILLIS));
  }

  private Duration duration(String key) throws ConfigurationException {
    String otherwise = "is a number and a unit (ms, s, m, h or d) in quotes: \"10s\"";
    Optional<Duration> duration = Durations.parse(value(key, String.class, otherwise));
    return duration.orElseThrow(() -> toml.complaint(key, otherwise));
  }

  private int firstBits() throws ConfigurationException {
    String otherwise = "is a compact target of 8 hex digits in quotes: \"1f00ffff\"";
    return parseBits(value(FIRST_TARGET, String.class, otherwise))
        .orElseThrow(() -> toml.complaint(FIRST_TARGET, otherwise));
  }

  /** Reads a compact target of 8 hex digits; whether a network may begin with it is not asked. */
  public static Optional<Integer> parseBits(String hex) {
    boolean digits = hex.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128);
    return hex.length() == HEX_DIGITS_OF_BITS && digits
        ? Optional.of(Integer.parseUnsignedInt(hex, 16))
        : Optional.empty();
  }

  private int largestBlock() throws ConfigurationException {
    String otherwise = "is a number of bytes, without quotes: 1048576";
    long bytes = value(LARGEST_BLOCK, Long.class, otherwise);
    if (bytes != (int) bytes) {
      throw toml.complaint(
          LARGEST_BLOCK, "is at most " + NetworkParameters.MAX_LARGEST_BLOCK + " bytes");
    }
    return (int) bytes;
  }

  private List<PublicKey> authors() throws ConfigurationException {
    String otherwise = "lists public keys of 64 lower-case hex digits in quotes; [] is everyone";
    List<PublicKey> authors = new ArrayList<>();
    for (Object element : value(AUTHORS, TomlArray.class, otherwise).toList()) {
      Optional<PublicKey> author =
          element instanceof String hex ? PublicKey.parseHex(hex) : Optional.empty();
      authors.add(author.orElseThrow(() -> toml.complaint(AUTHORS, otherwise)));
    }
    return authors;
  }

  /** The file for a network; reading it gives equal parameters. */
  public static String write(NetworkParameters network) {
    StringBuilder authors = new StringBuilder();
    network.authors().forEach(author -> authors.append("\n  \"").append(author).append("\","));
    return String.join(
            "\n",
            "# A Dolmen network. All members need these very values: its genesis block's hash covers",
            "# every one of them. Shown by: dolmen network show FILE",
            "",
            "name = " + quoted(network.name()),
            "",
            "# The first block's time.",
            "genesis-time = " + Instant.ofEpochMilli(network.genesisTime()),
            "",
            "# The intended time between blocks.",
            "interval = \"" + Durations.format(network.interval()) + "\"",
            "",
            "# A chain so much behind or ahead of its schedule halves or doubles its difficulty.",
            "half-life = \"" + Durations.format(network.halfLife()) + "\"",
            "",
            "# The first block's target in compact form, and the easiest there will ever be.",
            "first-target = \"" + String.format("%08x", network.firstBits()) + "\"",
            "",
            "# Whether that target stays for ever: blocks are then made on demand.",
            "fixed-target = " + network.fixedTarget(),
            "",
            "# Bytes of a block's header and entries together, at most.",
            "largest-block = " + network.largestBlock(),
            "",
            "# The public keys of those who may write; [] lets everyone.",
            "authors = [" + authors + (authors.isEmpty() ? "]" : "\n]"))
        + "\n";
  }

  /** Names are printable ASCII, so only two characters need care. */
  private static String quoted(String name) {
    return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
