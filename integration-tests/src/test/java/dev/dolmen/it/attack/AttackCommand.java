package dev.dolmen.it.attack;

import com.google.common.net.HostAndPort;
import dev.dolmen.node.config.Durations;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Attacks a node of the network {@code dev} on this machine, by one named attack, each of them in
 * turn, or all at once. Prints what each did, what the node answered, and whether the node stayed
 * well; exits with 0 if it did, 1 if not, 2 if it cannot attack there.
 *
 * <p>System properties: {@code attack.name} (a name, {@code each} or {@code all}), {@code
 * attack.target} (127.0.0.1:8555), {@code attack.api} (127.0.0.1:8080), {@code attack.for} (10s),
 * {@code attack.copies} (1: how many of each at a time), {@code attack.seed} (1), {@code
 * attack.p99} (250ms: what an honest peer's question may take).
 */
public final class AttackCommand {

  private static final int EXIT_HURT = 1;
  private static final int EXIT_USAGE = 2;

  private AttackCommand() {}

  /** Needs no arguments. */
  public static void main(String[] arguments) throws Exception {
    boolean well;
    try {
      well = attack();
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("attack: " + e.getMessage());
      System.exit(EXIT_USAGE);
      return;
    }
    System.exit(well ? 0 : EXIT_HURT);
  }

  private static boolean attack() throws Exception {
    String name = System.getProperty("attack.name", "");
    if (name.isEmpty()) {
      for (Attack attack : Attack.values()) {
        System.out.printf("  %-18s %s%n", attack.label(), attack.sentence());
      }
      throw new IllegalArgumentException(
          "-Dattack.name= one of these, each (one after the other) or all (at once)");
    }
    Target target =
        Target.of(
            HostAndPort.fromString(System.getProperty("attack.target", "127.0.0.1:8555")),
            HostAndPort.fromString(System.getProperty("attack.api", "127.0.0.1:8080")));
    Duration duration = duration("attack.for", "10s");
    Duration longest = duration("attack.p99", "250ms");
    int copies = Integer.getInteger("attack.copies", 1);
    long seed = Long.getLong("attack.seed", 1);
    boolean well = true;
    for (List<Attack> attacks :
        name.equals("each")
            ? Attack.named("all").stream().map(List::of).toList()
            : List.of(Attack.named(name))) {
      Siege.Report report = Siege.lay(target, attacks, copies, duration, seed);
      report
          .tallies()
          .forEach((attack, tally) -> System.out.println(attack.label() + ": " + tally));
      report
          .broken()
          .forEach(
              (attack, why) ->
                  System.out.println(attack.label() + ": the attacker itself failed: " + why));
      System.out.println((report.well(longest) ? "WELL: " : "HURT: ") + report.lines());
      well &= report.well(longest) && report.broken().isEmpty();
    }
    return well;
  }

  private static Duration duration(String property, String otherwise) {
    String text = System.getProperty(property, otherwise);
    return Durations.parse(text)
        .orElseThrow(
            () -> new IllegalArgumentException("-D" + property + "=" + text + " is no duration"));
  }
}
