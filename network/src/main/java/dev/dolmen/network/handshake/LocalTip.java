package dev.dolmen.network.handshake;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.protobuf.ByteString;
import dev.dolmen.protocol.Limits;

/**
 * What this node says of its own chain in Hello, Ping and Pong. The network layer only carries it.
 *
 * @param height of the tip, in blocks from genesis
 * @param work accumulated work, big-endian without leading zeros, at most {@value
 *     Limits#MAX_WORK_BYTES} bytes
 * @param hash of the tip, {@value Limits#HASH_BYTES} bytes
 */
public record LocalTip(long height, ByteString work, ByteString hash) {
  public LocalTip {
    checkArgument(height >= 0, "height %s is below genesis", height);
    checkArgument(
        work.size() <= Limits.MAX_WORK_BYTES, "work of %s bytes exceeds 256 bits", work.size());
    checkArgument(hash.size() == Limits.HASH_BYTES, "a tip hash has 32 bytes, not %s", hash.size());
  }
}
