package dev.dolmen.node.cli;

import dev.dolmen.node.config.Configuration;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.NodeSettings;
import dev.dolmen.node.config.Setting;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of a node, which {@code run} follows and {@code config} explains. */
final class NodeFlags {

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Keep chain and identity here (default: ~/.dolmen/<network>).")
  private @Nullable String dataDir;

  @Option(names = "--memory", description = "Keep them in memory instead, gone at the end.")
  private boolean memory;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description =
          "Where peers reach this node (default: 0.0.0.0:8555; on network dev 127.0.0.1:8555)."
              + " Port 0 takes a free one.")
  private @Nullable String listen;

  @Option(
      names = "--connect",
      paramLabel = "[ID@]HOST:PORT",
      description =
          "Keep a link to this peer, with ID only to the one who proves it. May be repeated.")
  private @Nullable List<String> connect;

  @Option(
      names = "--allow",
      paramLabel = "ID|@FILE",
      description =
          "Link with this peer and no others but those named so too, in or out. A FILE lists ids,"
              + " one a line, and is read again when it changes. May be repeated.")
  private @Nullable List<String> allow;

  @Option(
      names = "--api",
      paramLabel = "HOST:PORT",
      description = "Where the HTTP API answers (default: 127.0.0.1:8080).")
  private @Nullable String api;

  @Option(
      names = "--api-token-file",
      paramLabel = "FILE",
      description =
          "Let only those use the API who know the token in this file; needed for an --api on"
              + " another address than this machine's own.")
  private @Nullable String apiTokenFile;

  @Option(
      names = "--network",
      paramLabel = "dev|FILE",
      description = "Whose chain to keep: dev, or a file made by 'network create' (default: dev).")
  private @Nullable String network;

  @Option(
      names = "--mine",
      description = "Make blocks by hashing all the time, where they are not made on demand.")
  private boolean mine;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What people call this node (default: dolmen).")
  private @Nullable String name;

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      description = "Write the log for people or, one object a line, for programs (default: text).")
  private @Nullable String logFormat;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description =
          "Write the log here instead of to standard error; at 10 MiB it becomes FILE.1, and five"
              + " old ones are kept.")
  private @Nullable String logFile;

  @Option(
      names = "--no-discovery",
      description =
          "Dial nobody but --connect and those the API is told of, and tell nobody of others.")
  private boolean noDiscovery;

  @Option(
      names = "--max-peers",
      paramLabel = "N",
      description = "Have this many peers at most (default: 125).")
  private @Nullable String maxPeers;

  @Option(
      names = "--outbound-peers",
      paramLabel = "N",
      description =
          "Keep this many of those places for peers that it dials, and find as many (default: 8).")
  private @Nullable String outboundPeers;

  @Option(
      names = "--inbound-per-address",
      paramLabel = "N",
      description = "Accept this many connections from one address (default: 4).")
  private @Nullable String inboundPerAddress;

  @Option(
      names = "--inbound-per-network",
      paramLabel = "N",
      description = "Accept this many connections from one /16, or one /32 of IPv6 (default: 16).")
  private @Nullable String inboundPerNetwork;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Read settings from this TOML file: the flags' names without dashes. A DOLMEN_* variable"
              + " wins over it, a flag over both.")
  private @Nullable Path config;

  NodeSettings settings(Map<String, String> environment) throws ConfigurationException {
    return NodeSettings.of(
        Configuration.resolve(given(), Optional.ofNullable(config), environment));
  }

  private Map<Setting, List<String>> given() {
    Map<Setting, List<String>> given = new EnumMap<>(Setting.class);
    putText(given, Setting.DATA_DIR, dataDir);
    putSwitch(given, Setting.MEMORY, memory);
    putText(given, Setting.LISTEN, listen);
    if (connect != null) {
      given.put(Setting.CONNECT, connect);
    }
    if (allow != null) {
      given.put(Setting.ALLOW, allow);
    }
    putText(given, Setting.API, api);
    putText(given, Setting.API_TOKEN_FILE, apiTokenFile);
    putText(given, Setting.NETWORK, network);
    putSwitch(given, Setting.MINE, mine);
    putText(given, Setting.NAME, name);
    putText(given, Setting.LOG_FORMAT, logFormat);
    putText(given, Setting.LOG_FILE, logFile);
    putSwitch(given, Setting.NO_DISCOVERY, noDiscovery);
    putText(given, Setting.MAX_PEERS, maxPeers);
    putText(given, Setting.OUTBOUND_PEERS, outboundPeers);
    putText(given, Setting.INBOUND_PER_ADDRESS, inboundPerAddress);
    putText(given, Setting.INBOUND_PER_NETWORK, inboundPerNetwork);
    return given;
  }

  private static void putText(
      Map<Setting, List<String>> given, Setting setting, @Nullable String text) {
    if (text != null) {
      given.put(setting, List.of(text));
    }
  }

  private static void putSwitch(Map<Setting, List<String>> given, Setting setting, boolean on) {
    if (on) {
      given.put(setting, List.of("true"));
    }
  }
}
