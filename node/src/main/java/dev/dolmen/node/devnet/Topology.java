package dev.dolmen.node.devnet;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;

/** Who is in a devnet, and who is linked to whom. */
final class Topology {

  /** Up to so many, everyone is linked to everyone. */
  static final int MAX_FULLY_LINKED = 8;

  /** In larger networks, every so many nodes one has a link across the ring. */
  private static final int NODES_PER_CHORD = 4;

  static final ImmutableList<String> NAMES =
      ImmutableList.copyOf(
          Splitter.on(' ')
              .split(
                  "alice bob carol dave erin frank grace heidi ivan judy kevin laura mallory nina"
                      + " oscar peggy quentin rupert sybil trent ursula victor wendy xavier yvonne"
                      + " zoe adam beth carl dora emil fay gus hana igor jane karl lena max nora"
                      + " otto pia quinn rosa sam tina uwe vera will yara"));

  private Topology() {}

  /**
   * A link between two nodes, by their numbers.
   *
   * @param from the one that is dialled, the smaller number
   * @param to the one that dials
   */
  record Pair(int from, int to) {}

  /** All to all while they are few, else a ring with some links across. */
  static List<Pair> links(int count) {
    List<Pair> links = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int reach = count <= MAX_FULLY_LINKED ? i : 1;
      for (int j = i - reach; j < i; j++) {
        links.add(new Pair(j, i));
      }
    }
    if (count > MAX_FULLY_LINKED) {
      links.add(new Pair(0, count - 1));
      for (int i = 0; i < count / 2; i += NODES_PER_CHORD) {
        links.add(new Pair(i, i + count / 2));
      }
    }
    return links;
  }
}
