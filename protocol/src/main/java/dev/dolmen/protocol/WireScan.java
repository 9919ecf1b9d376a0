package dev.dolmen.protocol;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.WireFormat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks through the bytes of an {@link Envelope} before any object is made of them: how often each
 * field is there, how deep messages stand in one another, how much of it this version does not
 * know. A few bytes on the wire can stand for a hundred in memory; what this lets through is, as
 * objects, a small multiple of its bytes.
 *
 * <p>It takes no memory of its own while it looks, and reads nothing differently from protobuf:
 * what it cannot read is refused. One instance serves one thread at a time. Rule: {@code
 * docs/protocol.md}, frames.
 */
public final class WireScan {

  /** The highest field number in use; a higher one is unknown. */
  private static final int MAX_NUMBER = 15;

  /** Elements of each repeated field in one message. */
  private static final Map<String, Integer> MOST =
      Map.ofEntries(
          Map.entry("AllBlocks.locator", Limits.MAX_LOCATOR_HASHES),
          Map.entry("GetHeaders.locator", Limits.MAX_LOCATOR_HASHES),
          Map.entry("GetBlocks.hashes", Limits.MAX_BLOCKS_PER_REQUEST),
          Map.entry("GetTransactions.ids", Limits.MAX_INVENTORY),
          Map.entry("GetTransactions.indexes", Limits.MAX_INVENTORY),
          Map.entry("Headers.headers", Limits.MAX_HEADERS_PER_MESSAGE),
          Map.entry("Transactions.transactions", Limits.MAX_INVENTORY),
          Map.entry("Peers.peers", Limits.MAX_ADDRESSES),
          Map.entry("NewBlock.placed", Limits.MAX_INVENTORY),
          Map.entry("NewTransactions.ids", Limits.MAX_INVENTORY),
          // As many as a frame has room for, since each has a least size.
          Map.entry("NewBlock.leaves", Integer.MAX_VALUE),
          Map.entry("Blocks.blocks", Integer.MAX_VALUE),
          Map.entry("Block.transactions", Integer.MAX_VALUE));

  private static final int HASH_FIELD_BYTES = 2 + Limits.HASH_BYTES;
  private static final int MIN_HEADER_BYTES = 2 * HASH_FIELD_BYTES;
  private static final int MIN_TRANSACTION_BYTES =
      2 + Limits.KEY_BYTES + 2 + Limits.SIGNATURE_BYTES;

  /** Bytes of a message that may be repeated: the hashes, keys and signatures it cannot lack. */
  private static final Map<String, Integer> LEAST_BYTES =
      Map.of(
          "Block",
          2 + MIN_HEADER_BYTES,
          "BlockHeader",
          MIN_HEADER_BYTES,
          "Transaction",
          MIN_TRANSACTION_BYTES,
          "PlacedTransaction",
          2 + MIN_TRANSACTION_BYTES);

  /** What is hashed has one form only: nothing in it may be unknown. */
  private static final Set<String> HASHED = Set.of("Block", "BlockHeader", "Transaction");

  private static final Shape ENVELOPE = Shape.of(Envelope.getDescriptor(), new ArrayList<>());

  private final int[][] counts = new int[ENVELOPE.depth][MAX_NUMBER + 1];
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private int at;
  private long value;
  private int unknownFields;
  private long unknownBytes;
  private String wrong = "";

  /** A message as the schema has it. */
  private static final class Shape {
    final String name;
    final boolean hashed;
    final @Nullable Field[] fields = new @Nullable Field[MAX_NUMBER + 1];

    /** Messages that may stand in one another, this one included. */
    int depth = 1;

    private Shape(String name) {
      this.name = name;
      this.hashed = HASHED.contains(name);
    }

    static Shape of(Descriptor descriptor, List<Descriptor> around) {
      if (around.contains(descriptor)) {
        throw new IllegalStateException(descriptor.getName() + " can hold itself without end");
      }
      List<Descriptor> within = new ArrayList<>(around);
      within.add(descriptor);
      Shape shape = new Shape(descriptor.getName());
      for (FieldDescriptor each : descriptor.getFields()) {
        Field field = new Field(each, within);
        shape.fields[each.getNumber()] = field;
        if (field.shape != null) {
          shape.depth = Math.max(shape.depth, 1 + field.shape.depth);
        }
      }
      return shape;
    }
  }

  /** A field as the schema has it. */
  private static final class Field {
    final String name;
    final int wireType;
    final int most;
    final int leastBytes;

    /** Bytes of each element where many may stand in one run; 0 are varints, -1 is never. */
    final int packed;

    final @Nullable Shape shape;

    Field(FieldDescriptor field, List<Descriptor> within) {
      name = field.getContainingType().getName() + "." + field.getName();
      wireType = field.getLiteType().getWireType();
      shape =
          field.getType() == FieldDescriptor.Type.MESSAGE
              ? Shape.of(field.getMessageType(), within)
              : null;
      Integer bound = field.isRepeated() ? MOST.get(name) : Integer.valueOf(1);
      if (bound == null) {
        throw new IllegalStateException(name + " is repeated and has no bound");
      }
      most = bound;
      leastBytes =
          shape != null && field.isRepeated() ? LEAST_BYTES.getOrDefault(shape.name, 0) : 0;
      packed = field.isPackable() ? width(wireType) : -1;
    }

    private static int width(int wireType) {
      return switch (wireType) {
        case WireFormat.WIRETYPE_FIXED64 -> Long.BYTES;
        case WireFormat.WIRETYPE_FIXED32 -> Integer.BYTES;
        default -> 0;
      };
    }

    boolean isRun(int wire) {
      return packed >= 0 && wire == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }
  }

  /**
   * Looks at an envelope, from the buffer's position to its limit, which stay as they are.
   *
   * @return what is wrong with it, in words for the log; empty if it may be parsed
   */
  public Optional<String> scan(ByteBuffer envelope) {
    bytes = envelope;
    at = envelope.position();
    unknownFields = 0;
    unknownBytes = 0;
    return isGood(ENVELOPE, envelope.limit(), 0) ? Optional.empty() : Optional.of(wrong);
  }

  private boolean isGood(Shape shape, int end, int level) {
    int[] seen = counts[level];
    Arrays.fill(seen, 0);
    while (at < end) {
      int from = at;
      if (!readVarint(end)) {
        return false;
      }
      int wire = (int) (value & 7);
      long number = value >>> 3;
      if (number == 0 || value >>> Integer.SIZE != 0) {
        return fail("a field without a number");
      }
      Field field = number <= MAX_NUMBER ? shape.fields[(int) number] : null;
      if (field != null && (wire == field.wireType || field.isRun(wire))) {
        if (!isGood(field, wire, end, level, seen, (int) number)) {
          return false;
        }
      } else if (!isBearable(shape, wire, from, end)) {
        return false;
      }
    }
    return true;
  }

  private boolean isGood(Field field, int wire, int end, int level, int[] seen, int number) {
    if (wire != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      return skip(wire, end) && isCounted(field, 1, seen, number);
    }
    if (!readLength(end)) {
      return false;
    }
    int stop = at + (int) value;
    if (field.isRun(wire)) {
      return isRun(field, stop, seen, number);
    }
    if (value < field.leastBytes) {
      return fail("an element of " + value + " bytes in " + field.name);
    }
    if (!isCounted(field, 1, seen, number)) {
      return false;
    }
    if (field.shape != null) {
      return isGood(field.shape, stop, level + 1);
    }
    at = stop;
    return true;
  }

  private boolean isRun(Field field, int stop, int[] seen, int number) {
    if (field.packed > 0) {
      int length = stop - at;
      at = stop;
      return length % field.packed == 0
          ? isCounted(field, length / field.packed, seen, number)
          : fail(length + " bytes of " + field.name + " are no whole elements");
    }
    while (at < stop) {
      if (!readVarint(stop) || !isCounted(field, 1, seen, number)) {
        return false;
      }
    }
    return true;
  }

  private boolean isCounted(Field field, int more, int[] seen, int number) {
    seen[number] += more; // no overflow: the elements are all in one buffer
    return seen[number] <= field.most
        || fail("more than " + field.most + " of " + field.name + " in one message");
  }

  /** Something of a later version, of which a little is let through where it is not hashed. */
  private boolean isBearable(Shape shape, int wire, int from, int end) {
    if (shape.hashed) {
      return fail("an unknown field in a " + shape.name);
    }
    boolean isThere = wire == WireFormat.WIRETYPE_LENGTH_DELIMITED ? skipRun(end) : skip(wire, end);
    if (!isThere) {
      return false;
    }
    unknownBytes += at - from;
    unknownFields++;
    return (unknownFields <= Limits.MAX_UNKNOWN_FIELDS && unknownBytes <= Limits.MAX_UNKNOWN_BYTES)
        || fail(unknownFields + " unknown fields of " + unknownBytes + " bytes");
  }

  private boolean skipRun(int end) {
    if (!readLength(end)) {
      return false;
    }
    at += (int) value;
    return true;
  }

  private boolean skip(int wire, int end) {
    return switch (wire) {
      case WireFormat.WIRETYPE_VARINT -> readVarint(end);
      case WireFormat.WIRETYPE_FIXED64 -> skipBytes(Long.BYTES, end);
      case WireFormat.WIRETYPE_FIXED32 -> skipBytes(Integer.BYTES, end);
      default -> fail("a group, or a field of a kind that there is not");
    };
  }

  private boolean skipBytes(int count, int end) {
    if (end - at < count) {
      return fail("a field that ends beyond its message");
    }
    at += count;
    return true;
  }

  private boolean readLength(int end) {
    if (!readVarint(end)) {
      return false;
    }
    return (value >= 0 && value <= end - at) || fail("a field that ends beyond its message");
  }

  private boolean readVarint(int end) {
    if (at < end) {
      byte first = bytes.get(at);
      if (first >= 0) { // nearly all of them
        at++;
        value = first;
        return true;
      }
    }
    return readLongVarint(end);
  }

  private boolean readLongVarint(int end) {
    long read = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (at >= end) {
        return fail("a number that ends beyond its message");
      }
      byte next = bytes.get(at++);
      read |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        value = read;
        return true;
      }
    }
    return fail("a number of more than ten bytes");
  }

  private boolean fail(String what) {
    wrong = what;
    return false;
  }
}
