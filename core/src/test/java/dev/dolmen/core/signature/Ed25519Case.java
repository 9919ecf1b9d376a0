package dev.dolmen.core.signature;

import static dev.dolmen.core.signature.SlowEd25519.BASE;
import static dev.dolmen.core.signature.SlowEd25519.IDENTITY;
import static dev.dolmen.core.signature.SlowEd25519.L;
import static dev.dolmen.core.signature.SlowEd25519.P;
import static dev.dolmen.core.signature.SlowEd25519.SMALL_ORDER;
import static dev.dolmen.core.signature.SlowEd25519.challenge;
import static dev.dolmen.core.signature.SlowEd25519.littleEndian;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.primitives.Bytes;
import dev.dolmen.core.encoding.Sha256;
import dev.dolmen.core.signature.SlowEd25519.Point;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** One corner of the signature rule, with the answer that the rule's words give. */
record Ed25519Case(String name, String publicKey, String message, String signature, boolean valid) {
  private static final byte[] MESSAGE = "a stone on two stones".getBytes(UTF_8);
  private static final BigInteger SECRET = scalar("secret");
  private static final BigInteger NONCE = scalar("nonce");
  private static final Point HONEST_A = BASE.times(SECRET);
  private static final Point HONEST_R = BASE.times(NONCE);
  private static final byte SIGN = (byte) 0x80;

  /** All corners, made anew by slow arithmetic; the file {@code ed25519.json} holds the same. */
  static List<Ed25519Case> all() {
    List<Ed25519Case> cases = new ArrayList<>();
    byte[] a = HONEST_A.encode();
    byte[] r = HONEST_R.encode();
    BigInteger s = answer(a, r);

    cases.add(of("honest", a, MESSAGE, r, s, true));
    cases.add(of("another message", a, "a stone".getBytes(UTF_8), r, s, false));
    cases.add(of("S one too large", a, MESSAGE, r, s.add(BigInteger.ONE), false));
    cases.add(of("S + L", a, MESSAGE, r, s.add(L), false));
    cases.add(
        of(
            "S + 14 L, with the top bits set",
            a,
            MESSAGE,
            r,
            s.add(L.multiply(BigInteger.valueOf(14))),
            false));
    cases.add(
        of(
            "S = L, equation of an identity",
            IDENTITY.encode(),
            MESSAGE,
            IDENTITY.encode(),
            L,
            false));
    cases.add(
        of("S = 0, nothing else wrong but the equation", a, MESSAGE, r, BigInteger.ZERO, false));
    cases.add(
        of(
            "S = L - 1, nothing else wrong but the equation",
            a,
            MESSAGE,
            r,
            L.subtract(BigInteger.ONE),
            false));
    cases.add(of("A is not on the curve", littleEndian(BigInteger.TWO), MESSAGE, r, s, false));
    cases.add(of("R is not on the curve", a, MESSAGE, littleEndian(BigInteger.TWO), s, false));

    for (int i = 0; i < 8; i++) {
      Point torsion = SMALL_ORDER.get(i);
      byte[] small = torsion.encode();
      cases.add(
          of(
              "A of small order, torsion " + i + ", S and R honest",
              small,
              MESSAGE,
              r,
              NONCE,
              false));
      cases.add(
          of(
              "A of small order, torsion " + i + ", R identity, S = 0",
              small,
              MESSAGE,
              IDENTITY.encode(),
              BigInteger.ZERO,
              false));
      cases.add(
          of(
              "R of small order, torsion " + i,
              a,
              MESSAGE,
              small,
              challenge(small, a, MESSAGE).multiply(SECRET).mod(L),
              true));

      byte[] mixedA = HONEST_A.plus(torsion).encode();
      byte[] mixedR = HONEST_R.plus(torsion).encode();
      cases.add(of("A with torsion " + i, mixedA, MESSAGE, r, answer(mixedA, r), true));
      cases.add(of("R with torsion " + i, a, MESSAGE, mixedR, answer(a, mixedR), true));
      cases.add(
          of("A and R with torsion " + i, mixedA, MESSAGE, mixedR, answer(mixedA, mixedR), true));
      cases.add(
          of(
              "A and R with torsion " + i + ", S one too large",
              mixedA,
              MESSAGE,
              mixedR,
              answer(mixedA, mixedR).add(BigInteger.ONE).mod(L),
              false));
    }

    for (int excess = 0; excess < 19; excess++) {
      byte[] encoding = littleEndian(P.add(BigInteger.valueOf(excess)));
      addTwisted(cases, "y = p + " + excess, encoding);
    }
    addTwisted(cases, "y = 1, x = -0", withSign(BigInteger.ONE));
    addTwisted(cases, "y = -1, x = -0", withSign(P.subtract(BigInteger.ONE)));
    return cases;
  }

  /**
   * A non-canonical encoding as A and as R, with either sign; where a decoder would take it, the
   * equation holds.
   */
  private static void addTwisted(List<Ed25519Case> cases, String name, byte[] encoding) {
    byte[] a = HONEST_A.encode();
    byte[] r = HONEST_R.encode();
    byte[] negative = encoding.clone();
    negative[31] |= SIGN;
    for (byte[] twisted : encoding[31] < 0 ? List.of(encoding) : List.of(encoding, negative)) {
      String sign = twisted[31] < 0 ? ", sign bit set" : "";
      cases.add(of("A not canonical: " + name + sign, twisted, MESSAGE, r, NONCE, false));
      cases.add(
          of(
              "R not canonical: " + name + sign,
              a,
              MESSAGE,
              twisted,
              challenge(twisted, a, MESSAGE).multiply(SECRET).mod(L),
              false));
    }
  }

  /** The S of someone who knows the secret, and signs with whatever A and R are encoded here. */
  private static BigInteger answer(byte[] a, byte[] r) {
    return challenge(r, a, MESSAGE).multiply(SECRET).add(NONCE).mod(L);
  }

  private static byte[] withSign(BigInteger y) {
    byte[] encoding = littleEndian(y);
    encoding[31] |= SIGN;
    return encoding;
  }

  private static BigInteger scalar(String name) {
    return Sha256.hash(name.getBytes(UTF_8)).toBigInteger().mod(L);
  }

  private static Ed25519Case of(
      String name, byte[] a, byte[] message, byte[] r, BigInteger s, boolean valid) {
    return new Ed25519Case(
        name, hex(a), hex(message), hex(Bytes.concat(r, littleEndian(s))), valid);
  }

  private static String hex(byte[] bytes) {
    return dev.dolmen.core.encoding.Bytes.wrap(bytes).toHex();
  }
}
