package dev.dolmen.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.common.primitives.Bytes;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Makes nearly good inputs of good ones: bytes, lines of text, and protobuf messages field by
 * field. One seed, one row of inputs.
 */
public final class Mutator {

  private static final int MOST_CHANGES = 4;
  private static final int MOST_COPIES = 200;
  private static final int MOST_BYTES = 20_000;
  private static final int MOST_DEPTH = 300;

  private static final long[] EDGES = {
    0,
    1,
    -1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffff_ffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final String[] WORDS = {
    "",
    "-1",
    "0",
    "00",
    "1e9",
    "1e100000000",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999",
    "null",
    "true",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u0000",
    "\u0000",
    "\u00ff",
    "\r\n",
    "\n",
    " ",
    "\t",
    "%00",
    "%zz",
    "%",
    "..",
    "/",
    "?",
    "&",
    "=",
    "#",
    ":",
    "@",
    ",",
    "'",
    "\"\"\"",
    "[[",
    "2026-02-30T00:00:00Z",
    "::1",
    "0x1",
    "inf",
    "nan"
  };

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z]+|[0-9]+|[^A-Za-z0-9]");

  private final SplittableRandom random;

  /** One seed, one row of inputs. */
  public Mutator(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Changes a few bytes: flips, edges of integers, parts cut out, doubled or taken elsewhere. */
  public byte[] bytes(byte[] example, byte[] other) {
    byte[] input = example;
    for (int i = random.nextInt(MOST_CHANGES); i >= 0; i--) {
      input = changeBytes(input, other);
    }
    return input;
  }

  private byte[] changeBytes(byte[] input, byte[] other) {
    if (input.length == 0) {
      return other;
    }
    int at = random.nextInt(input.length);
    int end = at + 1 + random.nextInt(Math.min(input.length - at, 64));
    byte[] before = Arrays.copyOf(input, at);
    byte[] after = Arrays.copyOfRange(input, end, input.length);
    return switch (random.nextInt(7)) {
      case 0 -> {
        byte[] flipped = input.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 1 -> overwrite(input, at, edge());
      case 2 -> before;
      case 3 -> Bytes.concat(before, after);
      case 4 -> bounded(before, Arrays.copyOfRange(input, at, end), random.nextInt(4), input, at);
      case 5 -> {
        int from = random.nextInt(other.length + 1);
        yield Bytes.concat(before, Arrays.copyOfRange(other, from, other.length));
      }
      default -> {
        byte[] noise = new byte[1 + random.nextInt(16)];
        random.nextBytes(noise);
        yield Bytes.concat(before, noise, Arrays.copyOfRange(input, at, input.length));
      }
    };
  }

  private byte[] bounded(byte[] before, byte[] part, int power, byte[] input, int at) {
    byte[] result = before;
    for (int copies = 1 << (2 * power); copies > 0 && result.length < MOST_BYTES; copies--) {
      result = Bytes.concat(result, part);
    }
    return Bytes.concat(result, Arrays.copyOfRange(input, at, input.length));
  }

  private byte[] edge() {
    long value = EDGES[random.nextInt(EDGES.length)];
    return switch (random.nextInt(3)) {
      case 0 -> new byte[] {(byte) value};
      case 1 -> Ints.toByteArray((int) value);
      default -> Longs.toByteArray(value);
    };
  }

  private static byte[] overwrite(byte[] input, int at, byte[] value) {
    byte[] changed = input.clone();
    System.arraycopy(value, 0, changed, at, Math.min(value.length, input.length - at));
    return changed;
  }

  /** Changes a few words of a text: left out, said again, exchanged for ones that hurt. */
  public byte[] text(byte[] example, byte[] other) {
    if (random.nextInt(4) == 0) {
      return bytes(example, other);
    }
    List<String> words = words(example);
    List<String> others = words(other);
    for (int i = random.nextInt(MOST_CHANGES); i >= 0; i--) {
      if (words.isEmpty()) {
        break;
      }
      int at = random.nextInt(words.size());
      switch (random.nextInt(6)) {
        case 0 -> words.remove(at);
        case 1 -> words.add(at, WORDS[random.nextInt(WORDS.length)]);
        case 2 -> words.set(at, WORDS[random.nextInt(WORDS.length)]);
        case 3 -> words.set(at, words.get(at).repeat(random.nextInt(MOST_COPIES)));
        case 4 -> {
          int to = at + random.nextInt(Math.min(words.size() - at, 40));
          words.addAll(at, List.copyOf(words.subList(at, to)));
        }
        default -> {
          if (!others.isEmpty()) {
            words.set(at, others.get(random.nextInt(others.size())));
          }
        }
      }
    }
    return String.join("", words).getBytes(ISO_8859_1);
  }

  private static List<String> words(byte[] text) {
    return new ArrayList<>(
        TOKEN.matcher(new String(text, ISO_8859_1)).results().map(MatchResult::group).toList());
  }

  /** Changes a few fields of a protobuf message, however deep; now and then its bytes. */
  public byte[] message(byte[] example, byte[] other) {
    if (random.nextInt(5) == 0) {
      return bytes(example, other);
    }
    try {
      UnknownFieldSet fields = UnknownFieldSet.parseFrom(example);
      for (int i = random.nextInt(MOST_CHANGES); i >= 0; i--) {
        fields = changeFields(fields);
      }
      return fields.toByteArray();
    } catch (InvalidProtocolBufferException noMessage) {
      return bytes(example, other);
    }
  }

  private UnknownFieldSet changeFields(UnknownFieldSet message) {
    Map<Integer, UnknownFieldSet.Field> fields = new TreeMap<>(message.asMap());
    List<Integer> numbers = new ArrayList<>(fields.keySet());
    int kind = random.nextInt(9);
    if (numbers.isEmpty() || kind == 0) {
      fields.put(1 + random.nextInt(20), anyField());
      return message(fields);
    }
    int number = numbers.get(random.nextInt(numbers.size()));
    UnknownFieldSet.Field field = message.getField(number);
    fields.remove(number);
    switch (kind) {
      case 1 -> {}
      case 2 -> fields.put(1 + random.nextInt(20), field);
      case 3 -> fields.put(number, anyField());
      case 4 -> {
        UnknownFieldSet.Field.Builder many = UnknownFieldSet.Field.newBuilder();
        int most = Math.min(MOST_COPIES, 1 + MOST_BYTES / size(field));
        for (int copies = random.nextInt(most + 1); copies > 0; copies--) {
          many.mergeFrom(field);
        }
        fields.put(number, many.build());
      }
      case 5 -> fields.put(number, nested(field));
      default -> fields.put(number, deeper(field));
    }
    return message(fields);
  }

  /** Changes what is inside: a message if it can be read as one, a number, a few bytes. */
  private UnknownFieldSet.Field deeper(UnknownFieldSet.Field field) {
    UnknownFieldSet.Field.Builder changed = UnknownFieldSet.Field.newBuilder();
    field.getVarintList().forEach(value -> changed.addVarint(number(value)));
    field.getFixed32List().forEach(value -> changed.addFixed32((int) number(value)));
    field.getFixed64List().forEach(value -> changed.addFixed64(number(value)));
    List<ByteString> values = field.getLengthDelimitedList();
    int chosen = values.isEmpty() ? -1 : random.nextInt(values.size());
    for (int i = 0; i < values.size(); i++) {
      changed.addLengthDelimited(i == chosen ? inside(values.get(i)) : values.get(i));
    }
    field.getGroupList().forEach(changed::addGroup);
    return changed.build();
  }

  private ByteString inside(ByteString value) {
    if (!value.isEmpty() && random.nextInt(4) > 0) {
      try {
        return changeFields(UnknownFieldSet.parseFrom(value)).toByteString();
      } catch (InvalidProtocolBufferException bytes) {
        // Then they are bytes.
      }
    }
    return ByteString.copyFrom(bytes(value.toByteArray(), new byte[] {0}));
  }

  private long number(long value) {
    return switch (random.nextInt(4)) {
      case 0 -> value;
      case 1 -> EDGES[random.nextInt(EDGES.length)];
      case 2 -> value + random.nextInt(-2, 3);
      default -> random.nextLong() >>> random.nextInt(64);
    };
  }

  /** In many messages of which each holds the next, or in many groups. */
  private UnknownFieldSet.Field nested(UnknownFieldSet.Field field) {
    UnknownFieldSet.Field nest = field;
    boolean groups = random.nextBoolean();
    int number = 1 + random.nextInt(5);
    for (int depth = random.nextInt(MOST_DEPTH); depth > 0 && size(nest) < MOST_BYTES; depth--) {
      UnknownFieldSet inner = UnknownFieldSet.newBuilder().addField(number, nest).build();
      nest =
          groups
              ? UnknownFieldSet.Field.newBuilder().addGroup(inner).build()
              : UnknownFieldSet.Field.newBuilder().addLengthDelimited(inner.toByteString()).build();
    }
    return nest;
  }

  /** At least 1. */
  private static int size(UnknownFieldSet.Field field) {
    return field.getSerializedSize(1) + 1;
  }

  private UnknownFieldSet.Field anyField() {
    UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
    switch (random.nextInt(4)) {
      case 0 -> field.addVarint(number(random.nextLong()));
      case 1 -> field.addFixed64(random.nextLong());
      case 2 -> field.addFixed32(random.nextInt());
      default -> {
        byte[] noise = new byte[random.nextInt(70)];
        random.nextBytes(noise);
        field.addLengthDelimited(ByteString.copyFrom(noise));
      }
    }
    return field.build();
  }

  private static UnknownFieldSet message(Map<Integer, UnknownFieldSet.Field> fields) {
    UnknownFieldSet.Builder message = UnknownFieldSet.newBuilder();
    fields.forEach(message::addField);
    return message.build();
  }

  /** A number from 0 up to a bound. */
  public int below(int bound) {
    return random.nextInt(bound);
  }
}
