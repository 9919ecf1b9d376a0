package dev.dolmen.core.consensus;

import static dev.dolmen.core.Blocks.ALICE;
import static dev.dolmen.core.Blocks.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.CanonicalWriter;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.signature.PublicKey;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkParametersTest {
  private static final NetworkParameters DEV = NetworkParameters.dev();

  @Test
  void devIsTheNetworkThatTheDesignNames() {
    assertThat(DEV.genesisHash())
        .hasToString("dbb6fcf08ce9f217ab21e96990a42d918a9e5caef9ccc660360d4daf2f1c7869");
  }

  @Test
  void genesisIsAnEmptyBlockThatCommitsToEveryParameter() {
    BlockHeader genesis = DEV.genesis().header();
    byte[] commitment =
        new CanonicalWriter()
            .bytes(Bytes.fromHex("646f6c6d656e2f6e6574776f726b2f31"))
            .bytes(DEV.toBytes())
            .toByteArray();

    assertThat(genesis.version()).isEqualTo(1);
    assertThat(genesis.height()).isZero();
    assertThat(genesis.timestamp()).isEqualTo(DEV.genesisTime());
    assertThat(genesis.nonce()).isZero();
    assertThat(genesis.bits()).isEqualTo(DEV.firstBits());
    assertThat(genesis.previousHash().value()).isEqualTo(Sha256.hash(commitment));
    assertThat(DEV.genesis().transactions()).isEmpty();
    assertThat(DEV.hash()).isEqualTo(Sha256.hash(DEV.toBytes()));
  }

  @Test
  void anyOtherParameterMakesAnotherNetwork() {
    List<NetworkParameters> networks =
        List.of(
            DEV,
            NetworkParameters.builder("dew")
                .genesisTime(DEV.genesisTime())
                .interval(DEV.interval())
                .halfLife(DEV.halfLife())
                .firstBits(DEV.firstBits())
                .fixedTarget(true)
                .build(),
            DEV.toBuilder().genesisTime(DEV.genesisTime() + 1).build(),
            DEV.toBuilder().interval(Duration.ofMillis(1_001)).build(),
            DEV.toBuilder().halfLife(Duration.ofMillis(3_600_001)).build(),
            DEV.toBuilder().firstBits(0x207ffffe).build(),
            DEV.toBuilder().fixedTarget(false).build(),
            DEV.toBuilder().largestBlock(1024 * 1024 - 1).build(),
            DEV.toBuilder().authors(List.of(ALICE.publicKey())).build());

    assertThat(networks.stream().map(NetworkParameters::genesisHash)).doesNotHaveDuplicates();
    assertThat(networks).doesNotHaveDuplicates();
    assertThat(DEV.toBuilder().build()).isEqualTo(DEV);
  }

  @Test
  void withoutAuthorsEveryoneMayWrite() {
    NetworkParameters closed = DEV.toBuilder().authors(List.of(ALICE.publicKey())).build();

    assertThat(DEV.mayWrite(BOB.publicKey())).isTrue();
    assertThat(closed.mayWrite(ALICE.publicKey())).isTrue();
    assertThat(closed.mayWrite(BOB.publicKey())).isFalse();
  }

  @Test
  void authorsAreKeptAscendingAndOnce() {
    List<PublicKey> any = List.of(BOB.publicKey(), ALICE.publicKey(), BOB.publicKey());

    assertThat(DEV.toBuilder().authors(any).build().authors())
        .containsExactlyElementsOf(any.stream().distinct().sorted().toList());
  }

  @Test
  void authorsOutOfOrderOrTwiceAreNotCanonical() throws MalformedException {
    byte[] one = ALICE.publicKey().toBytes();
    byte[] two = BOB.publicKey().toBytes();
    boolean ascending = ALICE.publicKey().compareTo(BOB.publicKey()) < 0;
    byte[] low = ascending ? one : two;
    byte[] high = ascending ? two : one;

    assertThat(NetworkParameters.fromBytes(devWithAuthors(low, high)).authors()).hasSize(2);
    assertThatThrownBy(() -> NetworkParameters.fromBytes(devWithAuthors(high, low)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("authors are listed ascending and once");
    assertThatThrownBy(() -> NetworkParameters.fromBytes(devWithAuthors(low, low)))
        .isInstanceOf(MalformedException.class);
  }

  private static byte[] devWithAuthors(byte[]... authors) {
    byte[] dev = DEV.toBytes();
    CanonicalWriter writer =
        new CanonicalWriter().bytes(dev, 0, dev.length - 4).u32(authors.length);
    Stream.of(authors).forEach(writer::bytes);
    return writer.toByteArray();
  }

  @Test
  void aCountOfAuthorsThatCannotFitIsRefused() {
    byte[] bytes = DEV.toBytes();
    Arrays.fill(bytes, bytes.length - 4, bytes.length, (byte) 0xff);

    assertThatThrownBy(() -> NetworkParameters.fromBytes(bytes))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("4294967295 authors do not fit into the 0 bytes that are left");
  }

  @Test
  void theFixedTargetFlagIsZeroOrOne() {
    byte[] bytes = DEV.toBytes();
    bytes[1 + 3 + 24 + 4] = 2;

    assertThatThrownBy(() -> NetworkParameters.fromBytes(bytes))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("the fixed-target flag is 0 or 1, not 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", " ", "~", "a name with spaces"})
  void namesArePrintableAscii(String name) throws MalformedException {
    NetworkParameters network = named(name);

    assertThat(NetworkParameters.fromBytes(network.toBytes()).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a\n", "\u007f", "dév", "\u00a0"})
  void otherNamesAreRefused(String name) {
    assertThatThrownBy(() -> named(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nameHasAtMost255Characters() {
    assertThat(named("n".repeat(255)).name()).hasSize(255);
    assertThatThrownBy(() -> named("n".repeat(256)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the name must have 1 to 255 characters, not 256");
  }

  private static NetworkParameters named(String name) {
    return NetworkParameters.builder(name).firstBits(0x1e00ffff).build();
  }

  @Test
  void numbersAreBoundedOnBothSides() {
    assertThat(DEV.toBuilder().genesisTime(0).build().genesisTime()).isZero();
    refused(DEV.toBuilder().genesisTime(-1), "the genesis time must be 1970 or later, not -1 ms");
    assertThat(DEV.toBuilder().interval(Duration.ofMillis(1)).build().intervalMillis()).isOne();
    refused(DEV.toBuilder().interval(Duration.ZERO), "the interval must be at least 1 ms");
    refused(DEV.toBuilder().interval(Duration.ofMillis(-1)), "the interval must be at least 1 ms");
    assertThat(DEV.toBuilder().halfLife(Duration.ofMillis(1)).build().halfLifeMillis()).isOne();
    refused(DEV.toBuilder().halfLife(Duration.ZERO), "the half-life must be at least 1 ms");
    refused(
        DEV.toBuilder().firstBits(0x03000001),
        "the first target 03000001 is not a canonical compact target");
    assertThat(DEV.toBuilder().largestBlock(209).build().largestBlock()).isEqualTo(209);
    refused(
        DEV.toBuilder().largestBlock(208),
        "the largest block must have 209 to 16777216 bytes, not 208");
    assertThat(DEV.toBuilder().largestBlock(1 << 24).build().largestBlock()).isEqualTo(1 << 24);
    refused(
        DEV.toBuilder().largestBlock((1 << 24) + 1),
        "the largest block must have 209 to 16777216 bytes, not 16777217");
  }

  private static void refused(NetworkParameters.Builder builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void durationsAreWholeMilliseconds() {
    NetworkParameters.Builder builder = DEV.toBuilder();

    assertThatThrownBy(() -> builder.interval(Duration.ofNanos(1_000_001)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.halfLife(Duration.ofSeconds(Long.MAX_VALUE)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(builder.interval(Duration.ofMillis(Long.MAX_VALUE)).build().interval())
        .isEqualTo(Duration.ofMillis(Long.MAX_VALUE));
  }

  @Test
  void defaultExpiryStaysWithinTheWindow() {
    assertThat(DEV.defaultExpiryAfter(7)).isEqualTo(257);
    assertThat(DEV.expiryWindow()).isEqualTo(256);
    assertThat(DEV.earlyBy()).isEqualTo(64);
  }
}
