package dev.dolmen.network.peers;

import com.google.common.collect.ImmutableList;
import dev.dolmen.network.peers.Discovery.Action;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Peers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One node among honest ones, which an attacker with 10,000 addresses in 32 networks works on for a
 * day and a night before it restarts: the shipping {@link Discovery} with its book, and around it a
 * world in which dials take no time. Each of the attacker's addresses connects once, says that it
 * listens, answers when it is dialled, and tells of nothing but the attacker's. Honest links end
 * now and then, the attacker's never do, and of the honest nodes one in twenty is gone after the
 * restart.
 */
final class Eclipse {

  static final int ATTACKERS = 10_000;
  static final int ATTACKER_GROUPS = 32;
  static final int HONEST = 200;
  private static final int WANTED = Limits.PEERS_RESERVED_FOR_DIALLED;
  private static final int INBOUND = Limits.MAX_PEERS - WANTED;
  private static final int PORT = 8555;
  private static final int HONEST_GONE_PERCENT = 5;
  private static final int TOLD_BY_HONEST = 46;
  private static final Duration PEACE = Duration.ofHours(1);
  private static final Duration ATTACK = Duration.ofHours(24);
  private static final Duration AFTER = Duration.ofMinutes(10);
  private static final Duration HONEST_LINK_LIFE = Duration.ofHours(24);
  private static final Duration STEP = Duration.ofMillis(500);

  /**
   * How it went.
   *
   * @param before honest links among those the node dialled, before the restart
   * @param after the same ten minutes after it
   * @param known addresses in the book at the end
   */
  record Outcome(int before, int after, int known) {}

  private final SplittableRandom random;
  private final List<Endpoint> honest = new ArrayList<>();
  private final Set<Endpoint> isHonest = new LinkedHashSet<>();
  private final List<Endpoint> attackers = new ArrayList<>();
  private final Set<Endpoint> up = new LinkedHashSet<>();
  private final Map<Long, Endpoint> dialled = new LinkedHashMap<>();
  private final Set<Long> inbound = new LinkedHashSet<>();
  private Discovery discovery;
  private long now = 1;
  private long lastLink;

  private Eclipse(long seed) {
    random = new SplittableRandom(seed);
    for (int i = 0; i < HONEST; i++) {
      honest.add(at("20." + i + ".0.1"));
    }
    for (int i = 0; i < ATTACKERS; i++) {
      int inGroup = i / ATTACKER_GROUPS;
      attackers.add(
          at("60." + i % ATTACKER_GROUPS + "." + inGroup / 250 + "." + (1 + inGroup % 250)));
    }
    isHonest.addAll(honest);
    up.addAll(honest);
    up.addAll(attackers);
    discovery = new Discovery(Optional.empty(), WANTED, random, now);
  }

  /**
   * Plays it once.
   *
   * @param anchored whether the links that stood longest are remembered over the restart, as they
   *     are
   */
  static Outcome play(long seed, boolean anchored) {
    return new Eclipse(seed).play(anchored);
  }

  private Outcome play(boolean anchored) {
    dial(honest.get(random.nextInt(HONEST)), false);
    pass(PEACE, Duration.ZERO);
    pass(ATTACK, ATTACK.dividedBy(ATTACKERS));
    int before = honestLinks();

    Discovery.Saved saved = Discovery.Saved.parse(discovery.save(now).toText());
    dialled.clear();
    inbound.clear();
    honest.forEach(
        endpoint -> {
          if (random.nextInt(100) < HONEST_GONE_PERCENT) {
            up.remove(endpoint);
          }
        });
    discovery =
        new Discovery(
            Optional.of(anchored ? saved : new Discovery.Saved(ImmutableList.of(), saved.book())),
            WANTED,
            random,
            now);
    pass(AFTER, Duration.ofSeconds(1));
    return new Outcome(before, honestLinks(), discovery.known());
  }

  private int honestLinks() {
    return (int) dialled.values().stream().filter(isHonest::contains).count();
  }

  /** Lets time pass, in which one of the attacker's comes now and then. */
  private void pass(Duration duration, Duration betweenAttackers) {
    long end = now + duration.toNanos();
    long nextAttacker = betweenAttackers.isZero() ? end : now + betweenAttackers.toNanos();
    int attacker = random.nextInt(ATTACKERS);
    while (now < end) {
      for (Action action : discovery.onTime(now)) {
        perform(action);
      }
      if (now >= nextAttacker) {
        nextAttacker += betweenAttackers.toNanos();
        come(attackers.get(attacker++ % ATTACKERS));
      }
      long wake = Math.min(discovery.nextWake(), nextAttacker);
      long step = Math.max(wake - now, STEP.toNanos());
      endSomeHonestLinks(step);
      now += step;
    }
  }

  private void perform(Action action) {
    if (action instanceof Action.Dial dial) {
      dial(dial.endpoint(), dial.onlyProbe());
    } else if (action instanceof Action.Ask ask) {
      boolean asksHonest = isHonest.contains(dialled.get(ask.link()));
      answer(
          ask.link(),
          asksHonest ? honest : attackers,
          asksHonest ? TOLD_BY_HONEST : Limits.MAX_ADDRESSES);
    }
  }

  private void dial(Endpoint endpoint, boolean onlyProbe) {
    if (!up.contains(endpoint)) {
      discovery.onFailed(endpoint, now);
    } else if (onlyProbe) {
      discovery.onReached(endpoint, OptionalLong.empty(), now);
    } else {
      dialled.put(++lastLink, endpoint);
      discovery.onReady(lastLink, true, Optional.of(endpoint), PORT, now);
    }
  }

  private void come(Endpoint attacker) {
    if (inbound.size() == INBOUND) {
      long oldest = inbound.iterator().next();
      inbound.remove(oldest);
      discovery.onGone(oldest, now);
    }
    inbound.add(++lastLink);
    discovery.onReady(lastLink, false, Optional.of(attacker), PORT, now);
  }

  private void answer(long link, List<Endpoint> from, int count) {
    Peers.Builder peers = Peers.newBuilder();
    for (int i = 0; i < count; i++) {
      Endpoint told = from.get(random.nextInt(from.size()));
      peers.addPeers(
          dev.dolmen.protocol.PeerAddress.newBuilder()
              .setAddress(told.ip().toBytes())
              .setPort(told.port()));
    }
    discovery.onAnswer(link, peers.build(), now);
  }

  private void endSomeHonestLinks(long step) {
    double chance = (double) step / HONEST_LINK_LIFE.toNanos();
    for (Map.Entry<Long, Endpoint> link : List.copyOf(dialled.entrySet())) {
      if (isHonest.contains(link.getValue()) && random.nextDouble() < chance) {
        dialled.remove(link.getKey());
        discovery.onGone(link.getKey(), now);
      }
    }
  }

  private static Endpoint at(String ip) {
    return new Endpoint(IpAddress.parse(ip).orElseThrow(), PORT);
  }
}
