package dev.dolmen.core.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * One value has one encoding: what is read and written again gives the same bytes, or is refused.
 */
class CanonicalRoundTripTest {
  private static final int VALUES = 300;
  private static final int FLIPS = 1_000_000;

  @FunctionalInterface
  private interface Decoder<T> {
    T decode(byte[] bytes) throws MalformedException;
  }

  @Test
  void headers() throws MalformedException {
    check(CanonicalRoundTripTest::header, BlockHeader::toBytes, BlockHeader::fromBytes);
  }

  @Test
  void transactions() throws MalformedException {
    check(CanonicalRoundTripTest::transaction, Transaction::toBytes, Transaction::fromBytes);
  }

  @Test
  void blocks() throws MalformedException {
    check(CanonicalRoundTripTest::block, Block::toBytes, Block::fromBytes);
  }

  @Test
  void networkParameters() throws MalformedException {
    check(
        CanonicalRoundTripTest::network, NetworkParameters::toBytes, NetworkParameters::fromBytes);
  }

  private static <T> void check(
      Function<SplittableRandom, T> generator, Function<T, byte[]> encode, Decoder<T> decoder)
      throws MalformedException {
    SplittableRandom random = new SplittableRandom(100);
    for (int i = 0; i < VALUES; i++) {
      T value = generator.apply(random);
      byte[] bytes = encode.apply(value);
      T again = decoder.decode(bytes);

      assertThat(again).isEqualTo(value).hasSameHashCodeAs(value);
      assertThat(encode.apply(again)).isEqualTo(bytes);
      for (int length = 0; length < bytes.length; length++) {
        refuses(decoder, Arrays.copyOf(bytes, length));
      }
      refuses(decoder, Arrays.copyOf(bytes, bytes.length + 1));
      for (int flip = 0; flip < FLIPS / 4 / VALUES; flip++) {
        byte[] damaged = bytes.clone();
        damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        isRefusedOrAnotherValue(value, damaged, encode, decoder);
      }
    }
  }

  private static void refuses(Decoder<?> decoder, byte[] bytes) {
    try {
      decoder.decode(bytes);
    } catch (MalformedException expected) {
      assertThat(expected).hasMessageMatching("(at byte \\d+|network parameters): .+");
      return;
    }
    fail("accepted " + Bytes.wrap(bytes).toHex());
  }

  private static <T> void isRefusedOrAnotherValue(
      T value, byte[] damaged, Function<T, byte[]> encode, Decoder<T> decoder) {
    T other;
    try {
      other = decoder.decode(damaged);
    } catch (MalformedException expected) {
      return;
    }
    if (other.equals(value) || !Arrays.equals(encode.apply(other), damaged)) {
      fail("two encodings of " + value + ": " + Bytes.wrap(damaged).toHex());
    }
  }

  @Test
  void aPayloadOverTheLimitIsRefusedBeforeItIsRead() throws MalformedException {
    Transaction largest =
        Transaction.of(key(1), 0, Bytes.wrap(new byte[100_000]), new Signature(ones(), ones()));
    byte[] bytes = largest.toBytes();
    assertThat(Transaction.fromBytes(bytes)).isEqualTo(largest);

    byte[] larger = Arrays.copyOf(bytes, bytes.length + 1);
    larger[44]++;
    assertThatThrownBy(() -> Transaction.fromBytes(larger))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("a payload of 100001 bytes exceeds MAX_PAYLOAD_BYTES (100000)");
  }

  @Test
  void anUnknownTransactionVersionIsRefused() {
    byte[] bytes = Transaction.of(key(1), 0, Bytes.EMPTY, new Signature(ones(), ones())).toBytes();
    for (int version : new int[] {0, 2, 255}) {
      bytes[0] = (byte) version;
      assertThatThrownBy(() -> Transaction.fromBytes(bytes))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("transaction version " + version + " is unknown");
    }
  }

  @Test
  void aCountThatCannotFitIsRefusedBeforeRoomIsMade() {
    byte[] bytes = header(new SplittableRandom(1)).toBytes();
    for (int count : new int[] {1, Integer.MAX_VALUE, -1}) {
      for (int i = 0; i < 4; i++) {
        bytes[84 + i] = (byte) (count >>> (24 - 8 * i));
      }
      assertThatThrownBy(() -> Block.fromBytes(bytes)).isInstanceOf(MalformedException.class);
    }
  }

  private static BlockHeader header(SplittableRandom random) {
    return header(random, random.nextInt() & Integer.MAX_VALUE);
  }

  private static BlockHeader header(SplittableRandom random, int transactionCount) {
    return new BlockHeader(
        random.nextInt(),
        random.nextLong() & Long.MAX_VALUE,
        random.nextLong() & Long.MAX_VALUE,
        new BlockHash(hash(random)),
        hash(random),
        transactionCount,
        random.nextInt(),
        random.nextLong() & Long.MAX_VALUE);
  }

  private static Transaction transaction(SplittableRandom random) {
    byte[] payload = new byte[random.nextInt(60)];
    random.nextBytes(payload);
    return Transaction.of(
        new PublicKey(hash(random)),
        random.nextLong() & Long.MAX_VALUE,
        Bytes.wrap(payload),
        new Signature(hash(random), hash(random)));
  }

  private static Block block(SplittableRandom random) {
    List<Transaction> transactions = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      transactions.add(transaction(random));
    }
    return Block.of(header(random, transactions.size()), transactions);
  }

  private static NetworkParameters network(SplittableRandom random) {
    List<PublicKey> authors = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      authors.add(new PublicKey(hash(random)));
    }
    return NetworkParameters.builder("n".repeat(1 + random.nextInt(255)))
        .genesisTime(random.nextLong() & Long.MAX_VALUE)
        .interval(Duration.ofMillis(1 + random.nextLong(Long.MAX_VALUE - 1)))
        .halfLife(Duration.ofMillis(1 + random.nextLong(Long.MAX_VALUE - 1)))
        .firstBits(0x1d008000 + random.nextInt(0x7f8000))
        .fixedTarget(random.nextBoolean())
        .largestBlock(random.nextInt(209, 16 * 1024 * 1024 + 1))
        .authors(authors)
        .build();
  }

  private static Hash256 hash(SplittableRandom random) {
    return new Hash256(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }

  private static PublicKey key(long seed) {
    return new PublicKey(hash(new SplittableRandom(seed)));
  }

  private static Hash256 ones() {
    return new Hash256(-1, -1, -1, -1);
  }
}
