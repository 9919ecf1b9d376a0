package dev.dolmen.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WireScanTest {

  private static final int MIB = 1024 * 1024;
  private static final long MOST_ALLOCATED = 4L * MIB;
  private static final ByteString HASH = ByteString.copyFrom(new byte[Limits.HASH_BYTES]);
  private static final int UNKNOWN = 1_000;

  private final WireScan scan = new WireScan();

  // ----------------------------------------------------------------------------------- bombs

  static Stream<Arguments> bombs() {
    return Stream.of(
        bomb("empty blocks", nested(MIB, 11, 1), 1),
        bomb("empty headers", nested(MIB, 11, 2), 1),
        bomb("empty transactions", nested(MIB, 11, 3), 1),
        bomb("empty addresses", nested(MIB, 11, 4), 1),
        bomb("empty transactions of a block", nested(MIB, 11, 1, 1), 2),
        bomb("empty hashes of a locator", nested(MIB, 6), 1),
        bomb("empty ids", nested(MIB, 13), 1),
        bomb("empty placed transactions", nested(MIB, 12), 4),
        bomb("the same body again and again", nested(MIB), 2),
        Arguments.of("indexes in one run", wrap(9, field(3, new byte[MIB]))),
        Arguments.of("groups in one another", groups(10_000)),
        Arguments.of("groups in a block", wrap(11, wrap(1, wrap(1, groups(10_000))))),
        Arguments.of("unknown numbers", repeated(MIB, new byte[] {(byte) 0xf8, 0x01, 0x00})),
        Arguments.of("unknown empty fields", repeated(MIB, new byte[] {(byte) 0xfa, 0x01, 0x00})),
        Arguments.of("one large unknown field", field(100, new byte[MIB])),
        Arguments.of("lengths beyond the end", new byte[] {0x5a, -1, -1, -1, -1, 0x07}));
  }

  private static Arguments bomb(String name, IntFunction<byte[]> around, int number) {
    return Arguments.of(name, around.apply(number));
  }

  /** As many empty elements as fit, within messages of these field numbers. */
  private static IntFunction<byte[]> nested(int size, int... around) {
    return number -> {
      byte[] bytes = repeated(size, new byte[] {(byte) ((number << 3) | 2), 0});
      for (int i = around.length - 1; i >= 0; i--) {
        bytes = wrap(around[i], bytes);
      }
      return bytes;
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bombs")
  void aBombIsRefusedWithoutTakingMemory(String name, byte[] bomb) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    scan.scan(ByteBuffer.wrap(bomb));
    ByteBuffer buffer = ByteBuffer.wrap(bomb);

    long before = threads.getCurrentThreadAllocatedBytes();
    Optional<String> wrong = scan.scan(buffer);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(wrong).isPresent();
    assertThat(allocated).isLessThan(MOST_ALLOCATED);
    assertThat(allocated).as("a sentence and nothing else").isLessThan(64 * 1024);
  }

  @Test
  void aGoodEnvelopeCostsNoMemoryAtAll() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ByteBuffer buffer = ByteBuffer.wrap(blocks(20, 400).toByteArray());
    scan.scan(buffer);
    threads.getCurrentThreadAllocatedBytes();

    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 100; i++) {
      scan.scan(buffer);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(allocated).as("100 looks at 1.6 MB").isLessThan(16 * 1024);
  }

  @Test
  void whatItLetsThroughIsNoMuchLargerAsObjects() throws InvalidProtocolBufferException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] smallest = blocks(1, 10_000).toByteArray();
    assertThat(Envelope.parseFrom(smallest)).isNotNull();

    long before = threads.getCurrentThreadAllocatedBytes();
    Envelope parsed = Envelope.parseFrom(smallest);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(parsed.getResponse().getBlocks().getBlocksCount()).isEqualTo(1);
    assertThat(allocated).isLessThan(8L * smallest.length);
  }

  // ------------------------------------------------------------------------ both sides of bounds

  static Stream<Arguments> bounds() {
    byte[] hash = field(1, HASH.toByteArray());
    return Stream.of(
        bound("a locator", 74, n -> wrap(6, times(n, hash))),
        bound("the locator of GetHeaders", 74, n -> wrap(7, times(n, hash))),
        bound("hashes", 256, n -> wrap(8, times(n, hash))),
        bound("ids", 1_000, n -> wrap(9, times(n, hash))),
        bound("indexes in one run", 1_000, n -> wrap(9, field(3, new byte[n]))),
        bound("indexes one by one", 1_000, n -> wrap(9, times(n, new byte[] {0x18, 5}))),
        bound("announced ids", 1_000, n -> wrap(13, times(n, hash))),
        bound("headers", 2_000, n -> answer(2, n, header())),
        bound("transactions", 1_000, n -> answer(3, n, transaction())),
        bound("addresses", 1_000, n -> answer(4, n, PeerAddress.getDefaultInstance())),
        bound(
            "placed transactions",
            1_000,
            n -> wrap(12, times(n, field(4, placed().toByteArray())))),
        bound("bodies of one kind", 1, n -> times(n, wrap(10, new byte[0]))),
        bound("tips in a ping", 1, n -> wrap(3, times(n, hash))),
        bound("unknown fields", 64, n -> times(n, new byte[] {(byte) 0xf8, 1, 0})),
        bound("unknown bytes", 65_536, n -> field(100, new byte[n - 5])));
  }

  private static Arguments bound(String name, int most, IntFunction<byte[]> of) {
    return Arguments.of(name, of.apply(most), of.apply(most + 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bounds")
  void asManyAsTheBoundAreLetThroughAndOneMoreIsNot(String name, byte[] most, byte[] more)
      throws InvalidProtocolBufferException {
    assertThat(scan.scan(ByteBuffer.wrap(most))).isEmpty();
    assertThat(Envelope.parseFrom(most)).isNotNull();
    assertThat(scan.scan(ByteBuffer.wrap(more))).isPresent();
  }

  @Test
  void anElementWithoutItsHashesIsTooSmallToBeOne() {
    assertThat(looked(answer(2, 1, header()))).isEmpty();
    assertThat(looked(answer(2, 1, header().toBuilder().setMerkleRoot(short31()).build())))
        .contains("an element of 67 bytes in Headers.headers");
    assertThat(looked(answer(3, 1, transaction()))).isEmpty();
    assertThat(looked(answer(3, 1, transaction().toBuilder().setAuthor(short31()).build())))
        .contains("an element of 99 bytes in Transactions.transactions");
    assertThat(looked(answer(1, 1, Block.newBuilder().setHeader(header()).build()))).isEmpty();
    assertThat(
            looked(
                answer(
                    1,
                    1,
                    Block.newBuilder()
                        .setHeader(header().toBuilder().setMerkleRoot(short31()))
                        .build())))
        .contains("an element of 69 bytes in Blocks.blocks");
    assertThat(looked(wrap(12, field(4, placed().toByteArray())))).isEmpty();
    assertThat(looked(wrap(12, field(4, new byte[101]))))
        .contains("an element of 101 bytes in NewBlock.placed");
  }

  private static ByteString short31() {
    return HASH.substring(1);
  }

  @Test
  void anUnknownFieldIsRefusedInWhatIsHashedAndNowhereElse() {
    UnknownFieldSet later =
        UnknownFieldSet.newBuilder()
            .addField(UNKNOWN, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
            .build();
    assertThat(looked(answer(2, 1, header().toBuilder().setUnknownFields(later).build())))
        .contains("an unknown field in a BlockHeader");
    assertThat(looked(answer(3, 1, transaction().toBuilder().setUnknownFields(later).build())))
        .contains("an unknown field in a Transaction");
    assertThat(
            looked(
                answer(
                    1, 1, Block.newBuilder().setHeader(header()).setUnknownFields(later).build())))
        .contains("an unknown field in a Block");
    assertThat(
            looked(
                wrap(
                    12,
                    field(4, placed().toBuilder().setUnknownFields(later).build().toByteArray()))))
        .isEmpty();
    assertThat(looked(wrap(2, Hello.newBuilder().setUnknownFields(later).build().toByteArray())))
        .isEmpty();
    assertThat(looked(Envelope.newBuilder().setUnknownFields(later).build().toByteArray()))
        .isEmpty();
  }

  @Test
  void aKnownNumberOfAnotherKindIsAnUnknownField() {
    byte[] versionAsText = field(1, new byte[] {1});
    byte[] header = concat(header().toByteArray(), versionAsText);
    assertThat(looked(wrap(11, wrap(2, field(1, header)))))
        .contains("an unknown field in a BlockHeader");
  }

  @Test
  void unknownFieldsAreCountedOverTheWholeEnvelope() {
    byte[] unknown = {(byte) 0xf8, 1, 0};
    assertThat(looked(concat(wrap(2, times(32, unknown)), times(32, unknown)))).isEmpty();
    assertThat(looked(concat(wrap(2, times(32, unknown)), times(33, unknown))))
        .contains("65 unknown fields of 195 bytes");
  }

  // -------------------------------------------------------------------------- agrees with protobuf

  @Test
  void everyRepeatedFieldHasABound() {
    // A repeated field without one would not let the class begin.
    assertThat(scan.scan(ByteBuffer.allocate(0))).isEmpty();
    assertThat(
            Wire.getDescriptor().getMessageTypes().stream()
                .map(Descriptor::getFields)
                .flatMap(List::stream)
                .mapToInt(FieldDescriptor::getNumber)
                .max())
        .hasValue(13);
  }

  @Test
  void whatThisProgramWritesIsLetThrough() {
    assertThat(looked(blocks(300, 3).toByteArray())).isEmpty();
    assertThat(
            looked(
                Envelope.newBuilder()
                    .setRequestId(-1)
                    .setNewBlock(
                        NewBlock.newBuilder()
                            .setHeader(header())
                            .addAllLeaves(LongStream.range(-50, 50).boxed().toList())
                            .addPlaced(placed()))
                    .build()
                    .toByteArray()))
        .isEmpty();
    assertThat(
            looked(
                Envelope.newBuilder()
                    .setResponse(
                        Response.newBuilder()
                            .setRefusal(
                                Refusal.newBuilder()
                                    .setReason(Refusal.Reason.FULL)
                                    .setMessage("all places are taken"))
                            .setMore(true))
                    .build()
                    .toByteArray()))
        .isEmpty();
  }

  /**
   * Whatever is let through either parses, or protobuf says so without an error of another kind.
   */
  @Test
  void whatProtobufCannotReadIsRefusedOrSaidByProtobuf() {
    SplittableRandom random = new SplittableRandom(7);
    byte[][] seeds = {
      blocks(2, 2).toByteArray(),
      wrap(9, concat(field(1, HASH.toByteArray()), field(3, new byte[] {1, 2, 3}))),
      wrap(12, concat(field(2, header().toByteArray()), field(3, new byte[16]))),
      answer(4, 3, PeerAddress.getDefaultInstance()),
    };
    int parsed = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = seeds[i % seeds.length].clone();
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      boolean good = scan.scan(ByteBuffer.wrap(bytes)).isEmpty();
      try {
        assertThat(Envelope.parseFrom(bytes)).isNotNull();
        parsed++;
      } catch (InvalidProtocolBufferException e) {
        assertThat(!good || isAboutText(e)).as("seed 7, case %s: %s", i, e.getMessage()).isTrue();
      }
    }
    assertThat(parsed).isGreaterThan(1_000);
  }

  /** UTF-8 is the one thing that protobuf looks at and the scan does not. */
  private static boolean isAboutText(InvalidProtocolBufferException e) {
    return String.valueOf(e.getMessage()).contains("UTF-8");
  }

  @Test
  void bytesCutAnywhereAreRefusedOrAShorterEnvelope() {
    byte[] whole = blocks(2, 2).toByteArray();
    for (int length = 1; length < whole.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
      boolean good = scan.scan(cut).isEmpty();
      boolean parses;
      try {
        assertThat(Envelope.parseFrom(cut.duplicate())).isNotNull();
        parses = true;
      } catch (InvalidProtocolBufferException e) {
        parses = false;
      }
      assertThat(good).as("the first %s bytes", length).isEqualTo(parses);
    }
  }

  @Test
  void looksOnlyBetweenPositionAndLimitAndLeavesThemAlone() {
    byte[] ping = wrap(3, field(1, HASH.toByteArray()));
    ByteBuffer buffer = ByteBuffer.allocateDirect(ping.length + 20);
    buffer.position(7).put(ping).limit(7 + ping.length).position(7);
    assertThat(scan.scan(buffer)).isEmpty();
    assertThat(buffer.position()).isEqualTo(7);
    assertThat(buffer.remaining()).isEqualTo(ping.length);
  }

  // ------------------------------------------------------------------------------------- bytes

  private Optional<String> looked(byte[] envelope) {
    return scan.scan(ByteBuffer.wrap(envelope));
  }

  private static Envelope blocks(int count, int transactions) {
    Block.Builder block = Block.newBuilder().setHeader(header());
    for (int i = 0; i < transactions; i++) {
      block.addTransactions(transaction());
    }
    Blocks.Builder blocks = Blocks.newBuilder();
    for (int i = 0; i < count; i++) {
      blocks.addBlocks(block);
    }
    return Envelope.newBuilder()
        .setRequestId(5)
        .setResponse(Response.newBuilder().setBlocks(blocks))
        .build();
  }

  /** The smallest there is. */
  private static BlockHeader header() {
    return BlockHeader.newBuilder().setPreviousHash(HASH).setMerkleRoot(HASH).build();
  }

  private static Transaction transaction() {
    return Transaction.newBuilder().setAuthor(HASH).setSignature(HASH.concat(HASH)).build();
  }

  private static PlacedTransaction placed() {
    return PlacedTransaction.newBuilder().setTransaction(transaction()).build();
  }

  /** A response with a list of this number. */
  private static byte[] answer(int number, int count, Message element) {
    return wrap(11, wrap(number, times(count, field(1, element.toByteArray()))));
  }

  private static byte[] wrap(int number, byte[] inside) {
    return field(number, inside);
  }

  private static byte[] field(int number, byte[] inside) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writeVarint(bytes, (number << 3) | 2);
    writeVarint(bytes, inside.length);
    bytes.writeBytes(inside);
    return bytes.toByteArray();
  }

  private static void writeVarint(ByteArrayOutputStream bytes, int value) {
    int left = value;
    while (left >= 0x80) {
      bytes.write((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    bytes.write(left);
  }

  private static byte[] groups(int depth) {
    byte[] start = new byte[depth];
    Arrays.fill(start, (byte) 0x43); // field 8 as the beginning of a group
    return start;
  }

  private static byte[] times(int count, byte[] one) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(count * one.length);
    for (int i = 0; i < count; i++) {
      bytes.writeBytes(one);
    }
    return bytes.toByteArray();
  }

  private static byte[] repeated(int size, byte[] one) {
    return times(size / one.length, one);
  }

  private static byte[] concat(byte[] one, byte[] other) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(one);
    bytes.writeBytes(other);
    return bytes.toByteArray();
  }
}
