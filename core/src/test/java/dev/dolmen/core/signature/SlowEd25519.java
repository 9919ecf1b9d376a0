package dev.dolmen.core.signature;

import com.google.common.primitives.Bytes;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Ed25519 over BigInteger, written from RFC 8032 and the words of docs/protocol.md#signatures.
 * Slow, not constant in time, and independent of what the node uses, so that the two can be held
 * against each other.
 */
final class SlowEd25519 {
  static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

  /** The order of the base point. */
  static final BigInteger L =
      BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

  private static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);
  private static final BigInteger SQRT_OF_MINUS_ONE =
      BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P);
  private static final BigInteger EIGHT = BigInteger.valueOf(8);

  /** The point (X/Z, Y/Z), with X·Y = Z·T. */
  record Point(BigInteger x, BigInteger y, BigInteger z, BigInteger t) {
    static Point of(BigInteger x, BigInteger y) {
      return new Point(x, y, BigInteger.ONE, x.multiply(y).mod(P));
    }

    /** RFC 8032, section 5.1.4; it holds for any two points, also for equal ones. */
    Point plus(Point other) {
      BigInteger a = y.subtract(x).multiply(other.y.subtract(other.x)).mod(P);
      BigInteger b = y.add(x).multiply(other.y.add(other.x)).mod(P);
      BigInteger c = t.multiply(other.t).multiply(D).shiftLeft(1).mod(P);
      BigInteger d = z.multiply(other.z).shiftLeft(1).mod(P);
      BigInteger e = b.subtract(a);
      BigInteger f = d.subtract(c);
      BigInteger g = d.add(c);
      BigInteger h = b.add(a);
      return new Point(
          e.multiply(f).mod(P), g.multiply(h).mod(P), f.multiply(g).mod(P), e.multiply(h).mod(P));
    }

    Point times(BigInteger factor) {
      Point sum = IDENTITY;
      for (int i = factor.bitLength() - 1; i >= 0; i--) {
        sum = sum.plus(sum);
        if (factor.testBit(i)) {
          sum = sum.plus(this);
        }
      }
      return sum;
    }

    boolean isIdentity() {
      return x.signum() == 0 && y.equals(z);
    }

    boolean isOfSmallOrder() {
      return times(EIGHT).isIdentity();
    }

    byte[] encode() {
      BigInteger inverse = z.modInverse(P);
      byte[] bytes = littleEndian(y.multiply(inverse).mod(P));
      if (x.multiply(inverse).mod(P).testBit(0)) {
        bytes[31] |= (byte) 0x80;
      }
      return bytes;
    }
  }

  static final Point IDENTITY = Point.of(BigInteger.ZERO, BigInteger.ONE);
  static final Point BASE =
      decode(
              littleEndian(
                  BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P)))
          .orElseThrow();

  /** The eight points of small order, multiples of one of order eight, identity first. */
  static final List<Point> SMALL_ORDER = smallOrder();

  private SlowEd25519() {}

  private static List<Point> smallOrder() {
    Point generator = IDENTITY;
    for (int y = 2; generator.times(BigInteger.valueOf(4)).isIdentity(); y++) {
      generator =
          decode(littleEndian(BigInteger.valueOf(y))).map(point -> point.times(L)).orElse(IDENTITY);
    }
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      points.add(generator.times(BigInteger.valueOf(i)));
    }
    return points;
  }

  /**
   * The point with this one canonical encoding: {@code y < p}, on the curve, and no sign where x is
   * zero.
   */
  static Optional<Point> decode(byte[] bytes) {
    byte[] unsigned = bytes.clone();
    boolean odd = unsigned[31] < 0;
    unsigned[31] &= 0x7f;
    BigInteger y = number(unsigned);
    if (y.compareTo(P) >= 0) {
      return Optional.empty();
    }
    BigInteger ySquared = y.multiply(y).mod(P);
    BigInteger xSquared =
        ySquared
            .subtract(BigInteger.ONE)
            .multiply(D.multiply(ySquared).add(BigInteger.ONE).modInverse(P))
            .mod(P);
    BigInteger x = xSquared.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
    if (!x.multiply(x).mod(P).equals(xSquared)) {
      x = x.multiply(SQRT_OF_MINUS_ONE).mod(P);
    }
    if (!x.multiply(x).mod(P).equals(xSquared) || (x.signum() == 0 && odd)) {
      return Optional.empty();
    }
    return Optional.of(Point.of(x.testBit(0) == odd ? x : P.subtract(x), y));
  }

  /** The rule, word for word. */
  static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
    return difference(publicKey, message, signature)
        .map(difference -> difference.times(EIGHT).isIdentity())
        .orElse(false);
  }

  /**
   * What a verifier without the factor eight would say: not our rule, but it shows which cases tell
   * them apart.
   */
  static boolean verifyWithoutCofactor(byte[] publicKey, byte[] message, byte[] signature) {
    return difference(publicKey, message, signature).map(Point::isIdentity).orElse(false);
  }

  /** {@code [S]B - R - [k]A}, unless one of the three is refused by itself. */
  private static Optional<Point> difference(byte[] publicKey, byte[] message, byte[] signature) {
    byte[] r = Arrays.copyOf(signature, 32);
    BigInteger s = number(Arrays.copyOfRange(signature, 32, 64));
    Optional<Point> pointA = decode(publicKey);
    Optional<Point> pointR = decode(r);
    if (pointA.isEmpty()
        || pointR.isEmpty()
        || s.compareTo(L) >= 0
        || pointA.get().isOfSmallOrder()) {
      return Optional.empty();
    }
    Point sum = pointR.get().plus(pointA.get().times(challenge(r, publicKey, message)));
    return Optional.of(BASE.times(s).plus(sum.times(EIGHT.multiply(L).subtract(BigInteger.ONE))));
  }

  /** k = SHA-512(R | A | message) modulo L. */
  static BigInteger challenge(byte[] r, byte[] publicKey, byte[] message) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-512").digest(Bytes.concat(r, publicKey, message));
      return number(hash).mod(L);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] littleEndian(BigInteger number) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < 32; i++) {
      bytes[i] = number.shiftRight(8 * i).byteValue();
    }
    return bytes;
  }

  private static BigInteger number(byte[] littleEndian) {
    byte[] bigEndian = littleEndian.clone();
    Bytes.reverse(bigEndian);
    return new BigInteger(1, bigEndian);
  }
}
