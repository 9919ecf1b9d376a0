package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import dev.dolmen.node.config.ConfigurationException;
import dev.dolmen.node.config.Durations;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What can be done to a devnet that runs: the verbs of {@code devnet}. */
final class DevnetVerbs {

  private static final int NAME_WIDTH = 10;
  private static final int NUMBER_WIDTH = 8;
  private static final int LINK_WIDTH = 18;
  private static final int STATE_WIDTH = 10;
  private static final long MICROS_PER_MILLI = 1_000;

  private DevnetVerbs() {}

  /** What all verbs share: where the devnet is, and how answers are printed. */
  private abstract static class Verb implements Callable<Integer> {

    private final DevnetCommand devnet;

    @Option(names = "--json", description = "Print the API's JSON, one document a line.")
    private boolean json;

    Verb(DevnetCommand devnet) {
      this.devnet = devnet;
    }

    @Override
    public Integer call() throws Exception {
      ApiClient client = devnet.client();
      try {
        perform(client);
      } catch (IOException e) {
        throw client.strange(e);
      }
      return ExitCode.YES;
    }

    abstract void perform(ApiClient client)
        throws CommandFailure, ConfigurationException, IOException;

    PrintWriter out() {
      return devnet.terminal().out();
    }

    /** The answer as it came, or else a sentence. */
    void tell(ApiClient.Answer answer, String sentence) {
      out().println(json ? answer.text() : sentence);
    }

    boolean json() {
      return json;
    }
  }

  private static String nodePath(String name) {
    return "/devnet/nodes/" + encoded(name);
  }

  private static String linkPath(String a, String b) {
    return "/devnet/links/" + encoded(a) + "/" + encoded(b);
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, UTF_8).replace("+", "%20");
  }

  /**
   * The nodes of the devnet.
   *
   * @throws CommandFailure if there are none, since a single node answers
   */
  private static List<Json> named(ApiClient.Answer nodes) throws CommandFailure, IOException {
    List<Json> all = nodes.json().field("nodes").elements();
    if (all.isEmpty()) {
      throw new CommandFailure(
          ExitCode.NO, "this server has one node and no devnet; 'dolmen devnet' starts one");
    }
    return all;
  }

  private static String body(String member, Object value) {
    return Json.write(ImmutableMap.of(member, value));
  }

  /** How it stands. */
  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Prints each node with its tip and each link with what is done to it.",
      footer = {"", "Example:  dolmen devnet status --json"})
  static final class Status extends Verb {

    Status(DevnetCommand devnet) {
      super(devnet);
    }

    @Override
    void perform(ApiClient client) throws CommandFailure, IOException {
      ApiClient.Answer nodes = client.require("/devnet/nodes");
      List<Json> all = named(nodes);
      ApiClient.Answer links = client.require("/devnet/links");
      if (json()) {
        out().println(nodes.text());
        out().println(links.text());
        return;
      }
      for (Json node : all) {
        print(node);
      }
      Map<String, Integer> plain = new LinkedHashMap<>();
      for (Json link : links.json().field("links").elements()) {
        String state = state(link);
        if (state.equals("linked")) {
          plain.merge(state, 1, Integer::sum);
        } else {
          out()
              .println(
                  ("  "
                          + Columns.pad(link.text("a") + " – " + link.text("b"), LINK_WIDTH)
                          + Columns.pad(state, STATE_WIDTH)
                          + roundTrip(link))
                      .stripTrailing());
        }
      }
      plain.forEach(
          (state, count) ->
              out().println("  " + Columns.count(count, "link", "links") + " as usual"));
    }

    private void print(Json node) throws IOException {
      long pending = node.number("pending");
      out()
          .println(
              Columns.pad(node.text("name"), NAME_WIDTH)
                  + Columns.pad(node.isTrue("up") ? "up" : "stopped", STATE_WIDTH)
                  + "height "
                  + Columns.pad(Long.toString(node.number("height")), NUMBER_WIDTH)
                  + Columns.shorten(node.text("hash"))
                  + (pending == 0 ? "" : "   " + pending + " pending"));
    }

    private static String state(Json link) throws IOException {
      if (!link.isTrue("up")) {
        return "cut";
      }
      long delay = link.number("delayMillis");
      if (!link.isTrue("linked")) {
        return "not there";
      }
      return delay == 0 ? "linked" : "+" + Durations.format(Duration.ofMillis(delay));
    }

    private static String roundTrip(Json link) throws IOException {
      return link.isTrue("linked") && link.find("roundTripMicros").isPresent()
          ? "round trip " + link.number("roundTripMicros") / MICROS_PER_MILLI + " ms"
          : "";
    }
  }

  /** No link any more. */
  @Command(
      name = "cut",
      mixinStandardHelpOptions = true,
      description = "Cuts the link between two nodes until it is healed.",
      footer = {"", "Example:  dolmen devnet cut alice bob"})
  static final class Cut extends Verb {

    @Parameters(index = "0", paramLabel = "NODE")
    private String a = "";

    @Parameters(index = "1", paramLabel = "NODE")
    private String b = "";

    Cut(DevnetCommand devnet) {
      super(devnet);
    }

    @Override
    void perform(ApiClient client) throws CommandFailure {
      tell(
          client.requirePut(linkPath(a, b), body("up", false)),
          a + " – " + b + " is cut; heal it with: dolmen devnet heal " + a + " " + b);
    }
  }

  /** A link again. */
  @Command(
      name = "heal",
      mixinStandardHelpOptions = true,
      description =
          "Heals the link between two nodes; a delay stays. Without names, heals all and ends all"
              + " delays.",
      footer = {"", "Examples:", "  dolmen devnet heal alice bob", "  dolmen devnet heal"})
  static final class Heal extends Verb {

    @Parameters(arity = "0..2", paramLabel = "NODE")
    private List<String> names = List.of();

    Heal(DevnetCommand devnet) {
      super(devnet);
    }

    @Override
    void perform(ApiClient client) throws CommandFailure, IOException {
      if (names.size() == 2) {
        tell(
            client.requirePut(linkPath(names.get(0), names.get(1)), body("up", true)),
            names.get(0) + " – " + names.get(1) + " is healed");
      } else if (names.isEmpty()) {
        healAll(client);
      } else {
        throw new CommandFailure(
            ExitCode.USAGE,
            "a link is between two nodes; name both, or none for all links, as in: dolmen devnet"
                + " heal alice bob");
      }
    }

    private void healAll(ApiClient client) throws CommandFailure, IOException {
      named(client.require("/devnet/nodes"));
      int healed = 0;
      for (Json link : client.require("/devnet/links").json().field("links").elements()) {
        if (!link.isTrue("up") || link.number("delayMillis") != 0) {
          ApiClient.Answer answer =
              client.requirePut(
                  linkPath(link.text("a"), link.text("b")),
                  Json.write(ImmutableMap.of("up", true, "delayMillis", 0)));
          if (json()) {
            out().println(answer.text());
          }
          healed++;
        }
      }
      if (!json()) {
        out()
            .println(
                healed == 0
                    ? "nothing is cut or slow"
                    : Columns.count(healed, "link is", "links are") + " healed");
      }
    }
  }

  /** A slow link. */
  @Command(
      name = "slow",
      mixinStandardHelpOptions = true,
      description =
          "Delays each message between two nodes, in both directions, by up to 10s; 0ms ends it.",
      footer = {"", "Example:  dolmen devnet slow alice bob 200ms"})
  static final class Slow extends Verb {

    @Parameters(index = "0", paramLabel = "NODE")
    private String a = "";

    @Parameters(index = "1", paramLabel = "NODE")
    private String b = "";

    @Parameters(index = "2", paramLabel = "DELAY", description = "As in 200ms or 2s.")
    private String delay = "";

    Slow(DevnetCommand devnet) {
      super(devnet);
    }

    @Override
    void perform(ApiClient client) throws CommandFailure {
      Duration each =
          Durations.parse(delay)
              .orElseThrow(
                  () ->
                      new CommandFailure(
                          ExitCode.USAGE,
                          "delay '" + delay + "' is not a time such as 200ms or 2s"));
      tell(
          client.requirePut(linkPath(a, b), body("delayMillis", each.toMillis())),
          each.isZero()
              ? a + " – " + b + " is as fast as it can be"
              : a
                  + " – "
                  + b
                  + " takes "
                  + Durations.format(each)
                  + " each way; end it with: dolmen devnet slow "
                  + a
                  + " "
                  + b
                  + " 0ms");
    }
  }

  /** Several sides. */
  @Command(
      name = "partition",
      mixinStandardHelpOptions = true,
      description =
          "Cuts all links between groups of nodes and heals those within. Who is not named forms"
              + " a group with the others who are not.",
      footer = {"", "Example:  dolmen devnet partition alice,bob carol,dave"})
  static final class Partition extends Verb {

    @Parameters(arity = "1..*", paramLabel = "NODE,NODE…")
    private List<String> groups = List.of();

    Partition(DevnetCommand devnet) {
      super(devnet);
    }

    @Override
    void perform(ApiClient client) throws CommandFailure, IOException {
      Map<String, Integer> sides = sides(client);
      List<String> cut = new ArrayList<>();
      for (Json link : client.require("/devnet/links").json().field("links").elements()) {
        String a = link.text("a");
        String b = link.text("b");
        boolean together = sides.getOrDefault(a, 0).equals(sides.getOrDefault(b, 0));
        if (!together) {
          cut.add(a + " – " + b);
        }
        if (link.isTrue("up") != together) {
          ApiClient.Answer answer = client.requirePut(linkPath(a, b), body("up", together));
          if (json()) {
            out().println(answer.text());
          }
        }
      }
      if (!json()) {
        out()
            .println(
                cut.isEmpty()
                    ? "no link leads from one group to another"
                    : Columns.count(cut.size(), "link is", "links are")
                        + " cut: "
                        + String.join(", ", cut)
                        + "; heal with: dolmen devnet heal");
      }
    }

    /** In which group each named node is, from 1. */
    private Map<String, Integer> sides(ApiClient client) throws CommandFailure, IOException {
      List<String> known = new ArrayList<>();
      for (Json node : named(client.require("/devnet/nodes"))) {
        known.add(node.text("name"));
      }
      Map<String, Integer> sides = new LinkedHashMap<>();
      for (int side = 1; side <= groups.size(); side++) {
        for (String name : Splitter.on(',').omitEmptyStrings().split(groups.get(side - 1))) {
          if (!known.contains(name)) {
            throw new CommandFailure(
                ExitCode.NO,
                "there is no node '" + name + "'; there are " + String.join(", ", known));
          }
          if (sides.put(name, side) != null) {
            throw new CommandFailure(ExitCode.USAGE, "'" + name + "' is named twice");
          }
        }
      }
      return sides;
    }
  }

  /** A node less. */
  @Command(
      name = "stop",
      mixinStandardHelpOptions = true,
      description = "Stops a node. It keeps its keys and its chain.",
      footer = {"", "Example:  dolmen devnet stop carol"})
  static final class Stop extends Verb {

    @Parameters(paramLabel = "NODE")
    private String name = "";

    Stop(DevnetCommand devnet) {
      super(devnet);
    }

    @Override
    void perform(ApiClient client) throws CommandFailure {
      tell(
          client.requirePut(nodePath(name), body("up", false)),
          name + " is stopped; start it with: dolmen devnet start " + name);
    }
  }

  /** A node more. */
  @Command(
      name = "start",
      mixinStandardHelpOptions = true,
      description = "Starts a stopped node again, with its keys and its chain.",
      footer = {"", "Example:  dolmen devnet start carol"})
  static final class Start extends Verb {

    @Parameters(paramLabel = "NODE")
    private String name = "";

    Start(DevnetCommand devnet) {
      super(devnet);
    }

    @Override
    void perform(ApiClient client) throws CommandFailure {
      tell(client.requirePut(nodePath(name), body("up", true)), name + " is up");
    }
  }
}
