package dev.dolmen.core.mempool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.signature.SigningKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A pool that is sent ten times what it can hold while blocks are made of it. Honest peers pass
 * junk on too, as they cannot tell it from what they are there for.
 */
final class JunkTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  private static final int CAPACITY = 640_000;

  /** It takes 32 blocks to empty the pool; the usual ones would need 64. */
  private static final int BLOCK = CAPACITY / 32;

  private static final int BLOCKS = 60;
  private static final int JUNK_PAYLOAD = 4_000;
  private static final int JUNK_IN_ALL = 10 * CAPACITY / JUNK_PAYLOAD;
  private static final int LIFE = 128;

  private static final List<Origin.Peer> FLOODERS = peers(100, 20);
  private static final List<Origin.Peer> HONEST = peers(200, 4);
  private static final List<SigningKey> JUNK_AUTHORS = keys("junk", 20);
  private static final List<SigningKey> HONEST_AUTHORS = keys("honest", 12);

  private final SplittableRandom random = new SplittableRandom(1);
  private final Mempool pool = new Mempool(DEV, 0, new VerifiedSignatures(), CAPACITY);
  private final Set<TransactionId> honest = new LinkedHashSet<>();
  private final Set<TransactionId> local = new LinkedHashSet<>();
  private final Set<TransactionId> mined = new LinkedHashSet<>();
  private int numbered;
  private long height;

  private static List<Origin.Peer> peers(int first, int count) {
    return IntStream.range(first, first + count).mapToObj(Origin.Peer::new).toList();
  }

  private static List<SigningKey> keys(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> Blocks.key(name + i)).toList();
  }

  @Test
  void honestEntriesAreMinedThoughTenTimesTheCapacityOfJunkComes() {
    List<Origin.Peer> all = new ArrayList<>(FLOODERS);
    all.addAll(HONEST);
    int junk = 0;
    for (int block = 0; block < BLOCKS; block++) {
      for (Origin.Peer peer : HONEST) {
        Transaction entry = signedBy(oneOf(HONEST_AUTHORS), 200);
        pool.add(entry, peer);
        honest.add(entry.id());
      }
      for (; junk < JUNK_IN_ALL * (block + 1) / BLOCKS; junk++) {
        pool.add(signedBy(oneOf(JUNK_AUTHORS), JUNK_PAYLOAD), oneOf(all));
      }
      Transaction own = signedBy(Blocks.ALICE, JUNK_PAYLOAD);
      pool.add(own, Origin.LOCAL);
      local.add(own.id());

      expectSharesKept(all);
      makeBlock();
    }
    assertThat(pool.bytes()).as("it is full").isGreaterThan(CAPACITY - 2 * BLOCK);
    while (pool.hasSomethingForNextBlock()) {
      makeBlock();
    }

    assertThat(mined).containsAll(local);
    assertThat(honest.stream().filter(mined::contains).count() * 100)
        .as("of %s honest entries", honest.size())
        .isGreaterThanOrEqualTo(honest.size() * 99L);
  }

  private void expectSharesKept(List<Origin.Peer> all) {
    assertThat(pool.bytes()).isLessThanOrEqualTo(CAPACITY);
    assertThat(all)
        .allMatch(peer -> pool.bytesOf(peer) <= CAPACITY / Mempool.PEER_SHARES, "has its share");
    assertThat(local).allMatch(id -> pool.contains(id) || mined.contains(id), "is still here");
  }

  private void makeBlock() {
    Block block =
        Blocks.childOf(Blocks.genesis()).withTransactions(pool.selectForNextBlock(BLOCK)).build();
    mined.addAll(pool.connected(block));
    height++;
    pool.tipIs(height);
  }

  private Transaction signedBy(SigningKey author, int payloadBytes) {
    byte[] payload = new byte[payloadBytes];
    ByteBuffer.wrap(payload).putInt(numbered++);
    return Blocks.transaction(author, Bytes.wrap(payload), height + LIFE);
  }

  private <T> T oneOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
