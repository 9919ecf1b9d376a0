package dev.dolmen.it.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.network.netty.Conditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node catches up among honest peers and liars, and is as fast as if these were not there. */
@Timeout(value = 3, unit = TimeUnit.MINUTES) // a busy machine
class SyncLiarsTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  /** Some 40,000 bytes a second, so that a few thousand empty blocks take a while. */
  private static final Conditions SLOW =
      Conditions.latency(Duration.ofMillis(50)).withBandwidth(20_000);

  private static final List<Block> CHAIN = withGenesis(Blocks.chain(6_000));

  private static List<Block> withGenesis(List<Block> blocks) {
    List<Block> chain = new ArrayList<>(List.of(Blocks.genesis()));
    chain.addAll(blocks);
    return chain;
  }

  /** Another chain of this length, told apart by a number. */
  private static List<Block> fork(int number, int length) {
    Block root =
        Blocks.childOf(Blocks.genesis())
            .withTime(Blocks.genesis().header().timestamp() + 7 + number)
            .build();
    List<Block> chain = withGenesis(List.of(root));
    chain.addAll(Blocks.chainOn(root, length - 1));
    return chain;
  }

  /** A newcomer that knows the liars first, then so many honest peers with a chain. */
  private static final class Siege {
    final Simulation simulation;
    final SimulatedNode newcomer;
    final Block tip;

    Siege(long seed, int honest, List<Block> chain, List<? extends Behaviour> liars) {
      simulation = new Simulation(seed, DEV);
      simulation.wire().conditions(SLOW);
      tip = chain.get(chain.size() - 1);
      newcomer = simulation.node("newcomer");
      for (int i = 0; i < liars.size(); i++) {
        Villain liar = simulation.villain("liar" + i, liars.get(i));
        if (liars.get(i) instanceof SyncLiars.Boaster) {
          liar.claims(SyncLiars.Boaster.claim(liar.random()));
        }
        newcomer.connect("liar" + i);
      }
      for (int i = 0; i < honest; i++) {
        newcomer.connect(simulation.nodeWith("n" + i, chain.subList(1, chain.size())));
      }
    }

    Duration sync(Duration limit) {
      simulation.advanceUntil(
          "the newcomer has the chain",
          () -> newcomer.tip().hash().equals(tip.hash()),
          limit);
      return simulation.elapsed();
    }

    void finish() {
      simulation.finish();
    }
  }

  private static Duration clean() {
    Siege siege = new Siege(1, 4, CHAIN, List.of());
    Duration time = siege.sync(Duration.ofMinutes(2));
    siege.finish();
    return time;
  }

  private static Duration among(List<? extends Behaviour> liars) {
    Siege siege = new Siege(1, 4, CHAIN, liars);
    Duration time = siege.sync(Duration.ofMinutes(10));
    siege.finish();
    return time;
  }

  @Test
  void fourOfEightThatKeepOneBlockOfEachRequestCostLessThanDouble() {
    Duration clean = clean();
    Duration among =
        among(
            List.of(
                new SyncLiars.Staller(CHAIN),
                new SyncLiars.Staller(CHAIN),
                new SyncLiars.Staller(CHAIN),
                new SyncLiars.Staller(CHAIN)));
    System.err.println("staller clean " + clean + " among " + among);
    assertThat(among).isLessThan(clean.multipliedBy(2));
  }

  @Test
  void aTricklerCostsLessThanDouble() {
    Duration clean = clean();
    Duration among = among(List.of(new SyncLiars.Trickler(CHAIN)));
    System.err.println("trickler clean " + clean + " among " + among);
    assertThat(among).isLessThan(clean.multipliedBy(2));
  }

  @Test
  void heavierBranchesThatNobodyDeliversDoNotHoldUpAnHonestOne() {
    List<SyncLiars.Withholder> withholders = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      withholders.add(new SyncLiars.Withholder(fork(i, 6_100 + 10 * i)));
    }
    Duration clean = clean();
    Duration among = among(withholders);
    System.err.println("withholders clean " + clean + " among " + among);
    assertThat(among).isLessThan(clean.multipliedBy(4));
  }
}
