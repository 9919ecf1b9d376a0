package dev.dolmen.core.signature;

import static dev.dolmen.core.Vectors.text;
import static dev.dolmen.core.signature.SlowEd25519.BASE;
import static dev.dolmen.core.signature.SlowEd25519.L;
import static dev.dolmen.core.signature.SlowEd25519.SMALL_ORDER;
import static dev.dolmen.core.signature.SlowEd25519.challenge;
import static dev.dolmen.core.signature.SlowEd25519.littleEndian;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.primitives.Bytes;
import com.google.gson.JsonObject;
import dev.dolmen.core.Vectors;
import dev.dolmen.core.signature.SlowEd25519.Point;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Ed25519Test {
  private static final int RANDOM_CASES = 400;

  @Test
  void cornersOfTheFileAreDecidedAsTheRuleSays() {
    for (Ed25519Case corner : corners()) {
      assertThat(verify(corner)).as(corner.name()).isEqualTo(corner.valid());
    }
  }

  @Test
  void slowArithmeticDecidesTheCornersAlike() {
    for (Ed25519Case corner : corners()) {
      assertThat(
              SlowEd25519.verify(
                  bytes(corner.publicKey()), bytes(corner.message()), bytes(corner.signature())))
          .as(corner.name())
          .isEqualTo(corner.valid());
    }
  }

  @Test
  void fileHoldsEveryCornerThatSlowArithmeticMakes() {
    assertThat(corners()).isEqualTo(Ed25519Case.all());
  }

  @Test
  void someCornersTellTheCofactorFromItsAbsence() {
    List<String> onlyWithCofactor = new ArrayList<>();
    for (Ed25519Case corner : corners()) {
      boolean without =
          SlowEd25519.verifyWithoutCofactor(
              bytes(corner.publicKey()), bytes(corner.message()), bytes(corner.signature()));
      assertThat(without && !corner.valid()).as(corner.name()).isFalse();
      if (corner.valid() && !without) {
        onlyWithCofactor.add(corner.name());
      }
    }
    assertThat(onlyWithCofactor)
        .contains("R of small order, torsion 1", "A with torsion 1", "R with torsion 4");
  }

  @Test
  void slowArithmeticKnowsEightDistinctPointsOfSmallOrder() {
    assertThat(SMALL_ORDER.stream().map(point -> hex(point.encode())).distinct()).hasSize(8);
    assertThat(SMALL_ORDER).allMatch(Point::isOfSmallOrder);
    assertThat(BASE.times(L).isIdentity()).isTrue();
    assertThat(BASE.isOfSmallOrder()).isFalse();
  }

  @Test
  void agreesWithSlowArithmeticOnPointsMixedWithTorsionAndOnDamage() {
    SplittableRandom random = new SplittableRandom(8032);
    int accepted = 0;
    for (int i = 0; i < RANDOM_CASES; i++) {
      BigInteger secret = scalar(random);
      BigInteger nonce = scalar(random);
      byte[] message = new byte[random.nextInt(80)];
      random.nextBytes(message);
      byte[] a = BASE.times(secret).plus(SMALL_ORDER.get(random.nextInt(8))).encode();
      byte[] r = BASE.times(nonce).plus(SMALL_ORDER.get(random.nextInt(8))).encode();
      BigInteger s = challenge(r, a, message).multiply(secret).add(nonce).mod(L);
      byte[] signature = Bytes.concat(r, littleEndian(s));
      damage(random, a, signature, s);

      boolean expected = SlowEd25519.verify(a, message, signature);
      assertThat(Ed25519.verify(PublicKey.fromBytes(a), message, Signature.fromBytes(signature)))
          .as("case %s: A %s, signature %s", i, hex(a), hex(signature))
          .isEqualTo(expected);
      accepted += expected ? 1 : 0;
    }
    assertThat(accepted).isBetween(RANDOM_CASES / 3, RANDOM_CASES * 2 / 3);
  }

  /** Leaves half of the cases alone. */
  private static void damage(SplittableRandom random, byte[] a, byte[] signature, BigInteger s) {
    switch (random.nextInt(8)) {
      case 0 -> flipOneBit(random, a);
      case 1 -> flipOneBit(random, signature);
      case 2 -> System.arraycopy(littleEndian(s.add(L)), 0, signature, 32, 32);
      case 3 -> System.arraycopy(littleEndian(s.xor(BigInteger.ONE)), 0, signature, 32, 32);
      default -> assertThat(s).isLessThan(L);
    }
  }

  @Test
  void refusesEachSingleBitFlippedInAnHonestSignature() {
    Ed25519Case honest = corners().get(0);
    byte[] message = bytes(honest.message());
    PublicKey key = PublicKey.fromHex(honest.publicKey());
    for (int bit = 0; bit < 8 * Signature.BYTES; bit++) {
      byte[] signature = bytes(honest.signature());
      signature[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(Ed25519.verify(key, message, Signature.fromBytes(signature)))
          .as("bit %s", bit)
          .isFalse();
    }
  }

  @Test
  void anyBytesAtAllGetAnAnswer() {
    SplittableRandom random = new SplittableRandom(1);
    byte[] key = new byte[32];
    byte[] signature = new byte[64];
    for (int i = 0; i < 500; i++) {
      random.nextBytes(key);
      random.nextBytes(signature);
      assertThat(Ed25519.verify(PublicKey.fromBytes(key), key, Signature.fromBytes(signature)))
          .isFalse();
    }
    Arrays.fill(key, (byte) 0xff);
    Arrays.fill(signature, (byte) 0xff);
    assertThat(Ed25519.verify(PublicKey.fromBytes(key), key, Signature.fromBytes(signature)))
        .isFalse();
  }

  private static List<Ed25519Case> corners() {
    List<Ed25519Case> corners = new ArrayList<>();
    for (JsonObject vector :
        Vectors.cases(Vectors.resource("/ed25519.json").getAsJsonArray("cases"))) {
      corners.add(
          new Ed25519Case(
              text(vector, "name"),
              text(vector, "publicKey"),
              text(vector, "message"),
              text(vector, "signature"),
              vector.get("valid").getAsBoolean()));
    }
    return corners;
  }

  private static boolean verify(Ed25519Case corner) {
    return Ed25519.verify(
        PublicKey.fromHex(corner.publicKey()),
        bytes(corner.message()),
        Signature.fromBytes(bytes(corner.signature())));
  }

  private static void flipOneBit(SplittableRandom random, byte[] bytes) {
    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
  }

  private static BigInteger scalar(SplittableRandom random) {
    byte[] bytes = new byte[40];
    random.nextBytes(bytes);
    return new BigInteger(1, bytes).mod(L);
  }

  private static byte[] bytes(String hex) {
    return dev.dolmen.core.encoding.Bytes.fromHex(hex).toByteArray();
  }

  private static String hex(byte[] bytes) {
    return dev.dolmen.core.encoding.Bytes.wrap(bytes).toHex();
  }
}
