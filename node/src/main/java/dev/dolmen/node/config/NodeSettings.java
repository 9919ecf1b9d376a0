package dev.dolmen.node.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import com.google.common.net.HostAndPort;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.node.config.Configuration.Made;
import dev.dolmen.node.peers.AllowRules;
import dev.dolmen.node.peers.PeerLimits;
import dev.dolmen.protocol.Limits;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a node is run with: checked, with every default filled in.
 *
 * @param dataDirectory where chain and identity are kept; empty if in memory
 * @param listen where peers reach it; port 0 takes a free one
 * @param connect whom it dials
 * @param allow whom it lets in and dials, if not everybody
 * @param api where its HTTP API answers; port 0 takes a free one
 * @param apiTokenFile holds what users of the API have to know; empty if they are this machine's
 *     own programs
 * @param network whose chain it keeps
 * @param mine whether it hashes all the time
 * @param name what it is called by people
 * @param discovery whether it finds peers by itself
 * @param peerLimits how many peers it has
 * @param logFormat how its log is written
 * @param logFile where to; empty for standard error
 * @param lines every setting as text, with where it came from
 */
public record NodeSettings(
    Optional<Path> dataDirectory,
    HostAndPort listen,
    ImmutableList<PeerAddress> connect,
    AllowRules allow,
    HostAndPort api,
    Optional<Path> apiTokenFile,
    NetworkParameters network,
    boolean mine,
    String name,
    boolean discovery,
    PeerLimits peerLimits,
    LogFormat logFormat,
    Optional<Path> logFile,
    ImmutableList<Line> lines) {

  public static final String DEFAULT_API = "127.0.0.1:8080";
  private static final String DEFAULT_LISTEN = "0.0.0.0:8555";

  /** On the network where everyone may make blocks for nothing, only this machine is let in. */
  private static final String DEFAULT_LISTEN_ON_DEV = "127.0.0.1:8555";

  private static final String DEV = "dev";
  private static final String DEFAULT_NAME = "dolmen";

  /** Where a value came from that nobody set. */
  public static final String DEFAULT_ORIGIN = "default";

  /**
   * One setting for people to read.
   *
   * @param setting the key, such as {@code data-dir}
   * @param value as it would be written on a command line; several are separated by commas
   * @param origin {@code flag …}, {@code environment …}, {@code file …}, {@code program} for an
   *     embedded node, or {@code default}
   */
  public record Line(String setting, String value, String origin) {}

  /**
   * Checks a configuration.
   *
   * @throws ConfigurationException at the first setting that cannot be used
   */
  public static NodeSettings of(Configuration configuration) throws ConfigurationException {
    return new Reader(configuration).settings();
  }

  /**
   * Reads an address to listen on.
   *
   * @param source the flag or variable it came from, for the complaint
   * @throws ConfigurationException unless it is {@code HOST:PORT} with a port from 0 to 65535
   */
  public static HostAndPort parseBind(String source, String text) throws ConfigurationException {
    HostAndPort address;
    try {
      address = HostAndPort.fromString(text).requireBracketsForIPv6();
    } catch (IllegalArgumentException e) {
      throw badBind(source, text);
    }
    if (!address.hasPort() || address.getHost().isBlank()) {
      throw badBind(source, text);
    }
    return address;
  }

  private static ConfigurationException badBind(String source, String text) {
    return new ConfigurationException(
        source
            + " '"
            + text
            + "' is not HOST:PORT, such as 127.0.0.1:8555 or [::1]:8555, with a port from 0 to "
            + Limits.MAX_PORT);
  }

  private static final class Reader {
    private final Configuration configuration;
    private final List<Line> lines = new ArrayList<>();

    Reader(Configuration configuration) {
      this.configuration = configuration;
    }

    NodeSettings settings() throws ConfigurationException {
      NetworkParameters network = network();
      Optional<Path> dataDirectory = dataDirectory(network);
      HostAndPort listen =
          bind(
              Setting.LISTEN,
              network.equals(NetworkParameters.dev()) ? DEFAULT_LISTEN_ON_DEV : DEFAULT_LISTEN);
      ImmutableList<PeerAddress> connect = connect();
      AllowRules allow = allow();
      HostAndPort api = bind(Setting.API, DEFAULT_API);
      Optional<Path> apiTokenFile = optionalPath(Setting.API_TOKEN_FILE);
      boolean mine = isOn(Setting.MINE);
      String name = name();
      LogFormat logFormat = logFormat();
      Optional<Path> logFile = optionalPath(Setting.LOG_FILE);
      boolean discovery = !isOn(Setting.NO_DISCOVERY);
      PeerLimits peerLimits = peerLimits();
      return new NodeSettings(
          dataDirectory,
          listen,
          connect,
          allow,
          api,
          apiTokenFile,
          network,
          mine,
          name,
          discovery,
          peerLimits,
          logFormat,
          logFile,
          ImmutableList.copyOf(lines));
    }

    private void note(Setting setting, String value, String origin) {
      lines.add(new Line(setting.key(), value, origin));
    }

    private String text(Setting setting, String otherwise) {
      Optional<Made> made = configuration.made(setting);
      String text = made.map(Made::text).orElse(otherwise);
      note(setting, text, made.map(Made::origin).orElse(DEFAULT_ORIGIN));
      return text;
    }

    private boolean isOn(Setting setting) {
      boolean on = configuration.isOn(setting);
      String origin = configuration.made(setting).map(Made::origin).orElse(DEFAULT_ORIGIN);
      note(setting, Boolean.toString(on), origin);
      return on;
    }

    /** How the user wrote this setting, to begin a complaint with. */
    private String source(Setting setting) {
      return configuration.made(setting).map(Made::origin).orElse(setting.flag());
    }

    private NetworkParameters network() throws ConfigurationException {
      String text = text(Setting.NETWORK, DEV);
      return text.equals(DEV)
          ? NetworkParameters.dev()
          : NetworkFile.read(path(Setting.NETWORK, text));
    }

    private Optional<Path> dataDirectory(NetworkParameters network) throws ConfigurationException {
      Optional<Made> directory = configuration.made(Setting.DATA_DIR);
      Optional<Made> memory =
          configuration.made(Setting.MEMORY).filter(made -> made.text().equals("true"));
      if (directory.isPresent() && memory.isPresent()) {
        int stronger = directory.get().level().compareTo(memory.get().level());
        if (stronger == 0) {
          throw new ConfigurationException(
              source(Setting.MEMORY)
                  + " and "
                  + source(Setting.DATA_DIR)
                  + " exclude each other: keep the chain in memory or in a directory");
        }
        directory = directory.filter(made -> stronger > 0);
        memory = memory.filter(made -> stronger < 0);
      }
      note(
          Setting.MEMORY,
          Boolean.toString(memory.isPresent()),
          memory
              .or(() -> configuration.made(Setting.MEMORY).filter(m -> m.text().equals("false")))
              .map(Made::origin)
              .orElse(DEFAULT_ORIGIN));
      if (memory.isPresent()) {
        return Optional.empty();
      }
      Path path =
          directory.isPresent()
              ? path(Setting.DATA_DIR, directory.get().text())
              : configuration.home().resolve(".dolmen").resolve(directoryName(network));
      note(Setting.DATA_DIR, path.toString(), directory.map(Made::origin).orElse(DEFAULT_ORIGIN));
      return Optional.of(path);
    }

    /** A network's name as one plain directory, whatever characters it has. */
    private static String directoryName(NetworkParameters network) {
      String plain = network.name().replaceAll("[^A-Za-z0-9._-]", "_");
      return plain.startsWith(".") ? "_" + plain : plain;
    }

    private Path path(Setting setting, String text) throws ConfigurationException {
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        throw new ConfigurationException(
            source(setting) + " '" + text.replace('\0', '?') + "' is not a path", e);
      }
    }

    private Optional<Path> optionalPath(Setting setting) throws ConfigurationException {
      String text = text(setting, "");
      return text.isEmpty() ? Optional.empty() : Optional.of(path(setting, text));
    }

    private LogFormat logFormat() throws ConfigurationException {
      String text = text(Setting.LOG_FORMAT, "text");
      return switch (text) {
        case "text" -> LogFormat.TEXT;
        case "json" -> LogFormat.JSON;
        default ->
            throw new ConfigurationException(
                source(Setting.LOG_FORMAT) + " '" + text + "' is neither text nor json");
      };
    }

    private HostAndPort bind(Setting setting, String otherwise) throws ConfigurationException {
      return parseBind(source(setting), text(setting, otherwise));
    }

    private ImmutableList<PeerAddress> connect() throws ConfigurationException {
      Optional<Made> made = configuration.made(Setting.CONNECT);
      ImmutableList.Builder<PeerAddress> addresses = ImmutableList.builder();
      for (String text : made.map(Made::texts).orElse(ImmutableList.of())) {
        try {
          addresses.add(PeerAddress.parse(text));
        } catch (IllegalArgumentException e) {
          throw new ConfigurationException(source(Setting.CONNECT) + ": " + e.getMessage(), e);
        }
      }
      note(
          Setting.CONNECT,
          String.join(",", made.map(Made::texts).orElse(ImmutableList.of())),
          made.map(Made::origin).orElse(DEFAULT_ORIGIN));
      return addresses.build();
    }

    private AllowRules allow() throws ConfigurationException {
      Optional<Made> made = configuration.made(Setting.ALLOW);
      List<String> texts = made.map(Made::texts).orElse(ImmutableList.of());
      note(Setting.ALLOW, String.join(",", texts), made.map(Made::origin).orElse(DEFAULT_ORIGIN));
      if (made.isPresent() && texts.isEmpty()) {
        throw new ConfigurationException(
            source(Setting.ALLOW) + " names nobody; to let in nobody, write this node's own id");
      }
      try {
        return AllowRules.parse(texts);
      } catch (IllegalArgumentException e) {
        throw new ConfigurationException(source(Setting.ALLOW) + ": " + e.getMessage(), e);
      }
    }

    private PeerLimits peerLimits() throws ConfigurationException {
      PeerLimits usual = PeerLimits.STANDARD;
      int total = number(Setting.MAX_PEERS, usual.total(), 1, PeerLimits.MOST);
      int outbound = number(Setting.OUTBOUND_PEERS, Math.min(usual.outbound(), total), 0, total);
      int perAddress = number(Setting.INBOUND_PER_ADDRESS, usual.perAddress(), 1, PeerLimits.MOST);
      int perNetwork = number(Setting.INBOUND_PER_NETWORK, usual.perGroup(), 1, PeerLimits.MOST);
      return new PeerLimits(total, outbound, perAddress, perNetwork);
    }

    private int number(Setting setting, int otherwise, int least, int most)
        throws ConfigurationException {
      String text = text(setting, Integer.toString(otherwise));
      try {
        int number = Integer.parseInt(text);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException noNumber) {
        // said below
      }
      throw new ConfigurationException(
          source(setting) + " '" + text + "' is not a number from " + least + " to " + most);
    }

    private String name() throws ConfigurationException {
      String name = text(Setting.NAME, DEFAULT_NAME);
      if (name.isBlank()
          || name.getBytes(UTF_8).length > Limits.MAX_NAME_BYTES
          || name.chars().anyMatch(Character::isISOControl)) {
        throw new ConfigurationException(
            source(Setting.NAME)
                + " must be 1 to "
                + Limits.MAX_NAME_BYTES
                + " bytes of text on one line");
      }
      return name;
    }
  }
}
