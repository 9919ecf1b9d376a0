package dev.dolmen.it.simulation;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * A log as a disk holds it: records one after the other in sectors, of which the drive writes those
 * that were not synced in any order, or not at all, or half. What a restart makes of it is what a
 * database does: it reads records as long as their checksums are right.
 *
 * <p>A record's content stands for a change: its number, and bytes that follow from it.
 */
final class SectorLog {

  static final int SECTOR_BYTES = 512;

  private static final int HEAD_BYTES = Integer.BYTES + Long.BYTES + Integer.BYTES;

  /** What was not synced; what was is not held any more, since it stays. */
  private byte[] content = new byte[2 * SECTOR_BYTES];

  private int end;
  private long records;
  private long syncedRecords;

  /** Writes a change's record; on the drive after the next {@link #sync}. */
  void append(int bytes) {
    byte[] body = new byte[bytes];
    Arrays.fill(body, (byte) (records % 251 + 1));
    ByteBuffer record = ByteBuffer.allocate(HEAD_BYTES + bytes);
    record.putInt(bytes).putLong(records).putInt(checksum(records, body)).put(body);
    if (end + record.capacity() > content.length) {
      content = Arrays.copyOf(content, 2 * (end + record.capacity()));
    }
    System.arraycopy(record.array(), 0, content, end, record.capacity());
    end += record.capacity();
    records++;
  }

  void sync() {
    Arrays.fill(content, 0, end, (byte) 0);
    end = 0;
    syncedRecords = records;
  }

  /**
   * The power goes. Of what was not synced, each sector is there, is not, or is torn, whatever
   * became of those before it.
   *
   * @return how many records a restart finds; it cuts the rest off
   */
  long crash(RandomGenerator random) {
    for (int at = 0; at < end; ) {
      int next = Math.min(end, (at / SECTOR_BYTES + 1) * SECTOR_BYTES);
      switch (random.nextInt(4)) {
        case 0 -> Arrays.fill(content, at, next, (byte) 0);
        case 1 -> Arrays.fill(content, at + random.nextInt(next - at), next, (byte) 0);
        default -> {}
      }
      at = next;
    }
    recover();
    return records;
  }

  private void recover() {
    ByteBuffer log = ByteBuffer.wrap(content, 0, end);
    records = syncedRecords;
    while (log.remaining() >= HEAD_BYTES) {
      int bytes = log.getInt();
      long number = log.getLong();
      int checksum = log.getInt();
      if (bytes <= 0 || bytes > log.remaining() || number != records) {
        break;
      }
      byte[] body = new byte[bytes];
      log.get(body);
      if (checksum(number, body) != checksum) {
        break;
      }
      records++;
    }
    sync();
  }

  private static int checksum(long number, byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
    crc.update(body);
    return (int) crc.getValue();
  }
}
