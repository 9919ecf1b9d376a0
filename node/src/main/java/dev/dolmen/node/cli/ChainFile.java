package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.proof.ChainPoint;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * A best chain in one file: which network it is of, every block after genesis, and an end that
 * names the tip, so that a file that was cut is known to be. Read and written block by block.
 *
 * <p>Rule: docs/protocol.md#chain-file
 */
final class ChainFile {

  private static final byte[] MAGIC = "dolmen/chain/1".getBytes(US_ASCII);

  /** Where the next block's length would be: none follows. */
  private static final int END = 0;

  private ChainFile() {}

  /** A file that is not what it must be; the message says what is wrong with it. */
  static final class BadChainFileException extends IOException {
    private static final long serialVersionUID = 1;

    BadChainFileException(String message) {
      super(message);
    }
  }

  /** Writes one file; whoever made it closes the stream. */
  static final class Writer {
    private final DataOutputStream out;

    /** Writes the beginning. */
    Writer(OutputStream out, NetworkParameters network) throws IOException {
      this.out = new DataOutputStream(out);
      byte[] parameters = network.toBytes();
      this.out.write(MAGIC);
      this.out.writeInt(parameters.length);
      this.out.write(parameters);
    }

    void write(Block block) throws IOException {
      byte[] bytes = block.toBytes();
      out.writeInt(bytes.length);
      out.write(bytes);
    }

    void end(ChainPoint tip) throws IOException {
      out.writeInt(END);
      out.writeLong(tip.height());
      out.write(tip.hash().toBytes());
      out.flush();
    }
  }

  /** Reads one file; whoever made it closes the stream. */
  static final class Reader {
    private final DataInputStream in;
    private final NetworkParameters network;
    private ChainPoint last;

    /**
     * Reads the beginning.
     *
     * @throws BadChainFileException if it is no such file, or one of another network
     */
    Reader(InputStream in, NetworkParameters network) throws IOException {
      this.in = new DataInputStream(in);
      this.network = network;
      this.last = new ChainPoint(0, network.genesisHash());
      byte[] parameters = network.toBytes();
      try {
        if (!Arrays.equals(bytes(MAGIC.length), MAGIC)) {
          throw new BadChainFileException(
              "this is no chain file of a kind that this version knows; 'dolmen export' makes one");
        }
        // Neither length nor bytes are believed: they are ours, or the file is not for us.
        if (this.in.readInt() != parameters.length
            || !Arrays.equals(bytes(parameters.length), parameters)) {
          throw new BadChainFileException(
              "the file is of another network than " + network.name() + "; name it with --network");
        }
      } catch (EOFException e) {
        throw cut();
      }
    }

    /**
     * The next block, whose rules nobody has checked; empty at the end of a whole file.
     *
     * @throws BadChainFileException if the file is cut, or is no chain
     */
    Optional<Block> next() throws IOException {
      try {
        int length = in.readInt();
        if (length == END) {
          checkEnd();
          return Optional.empty();
        }
        if (length < BlockHeader.BYTES || length > network.largestBlock()) {
          throw broken("says that it has " + Integer.toUnsignedString(length) + " bytes");
        }
        Block block = Block.fromBytes(bytes(length));
        if (!block.header().previousHash().equals(last.hash())) {
          throw broken("does not follow the block before it");
        }
        last = new ChainPoint(last.height() + 1, block.hash());
        return Optional.of(block);
      } catch (EOFException e) {
        throw cut();
      } catch (MalformedException e) {
        throw broken("cannot be read: " + e.getMessage());
      }
    }

    private void checkEnd() throws IOException {
      long height = in.readLong();
      BlockHash hash = new BlockHash(Hash256.fromBytes(bytes(Hash256.BYTES)));
      if (height != last.height() || !hash.equals(last.hash())) {
        throw new BadChainFileException(
            "the file ends with block " + last + ", and says that it must end with another");
      }
      if (in.read() >= 0) {
        throw new BadChainFileException("something follows the end of the chain");
      }
    }

    /** Height and hash of the last block that was read. */
    ChainPoint last() {
      return last;
    }

    private byte[] bytes(int length) throws IOException {
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      return bytes;
    }

    private BadChainFileException broken(String what) {
      return new BadChainFileException("block " + (last.height() + 1) + " of the file " + what);
    }

    private BadChainFileException cut() {
      return new BadChainFileException("the file is cut after block " + last.height());
    }
  }
}
