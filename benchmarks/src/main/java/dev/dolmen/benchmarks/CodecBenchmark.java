package dev.dolmen.benchmarks;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Writing and reading what is hashed and stored, and what peers say, beside the floor of both: the
 * bytes of the same block copied.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class CodecBenchmark {

  private static final int PAYLOAD_BYTES = 250;

  /** Entries in the block. */
  @Param({"0", "100"})
  private int transactions;

  private Block block = Blocks.genesis();
  private byte[] blockBytes = new byte[0];
  private byte[] headerBytes = new byte[0];
  private byte[] transactionBytes = new byte[0];
  private byte[] envelopeBytes = new byte[0];
  private Transaction transaction = Entries.signed(1, PAYLOAD_BYTES).get(0);

  /** Makes the block, and what it is as bytes. */
  @Setup
  public void make() {
    block =
        Blocks.childOf(Blocks.genesis())
            .withTransactions(Entries.signed(transactions, PAYLOAD_BYTES))
            .build();
    transaction = Entries.signed(1, PAYLOAD_BYTES).get(0);
    blockBytes = block.toBytes();
    headerBytes = block.header().toBytes();
    transactionBytes = transaction.toBytes();
    envelopeBytes = Wire.blocks(1, List.of(block), false).toByteArray();
  }

  /** The floor. */
  @Benchmark
  public byte[] copyBlock() {
    return blockBytes.clone();
  }

  @Benchmark
  public byte[] encodeBlock() {
    return block.toBytes();
  }

  @Benchmark
  public Block decodeBlock() throws MalformedException {
    return Block.fromBytes(blockBytes);
  }

  @Benchmark
  public byte[] encodeHeader() {
    return block.header().toBytes();
  }

  @Benchmark
  public BlockHeader decodeHeader() throws MalformedException {
    return BlockHeader.fromBytes(headerBytes);
  }

  @Benchmark
  public byte[] encodeTransaction() {
    return transaction.toBytes();
  }

  @Benchmark
  public Transaction decodeTransaction() throws MalformedException {
    return Transaction.fromBytes(transactionBytes);
  }

  /** From a block to the bytes of an answer. */
  @Benchmark
  public byte[] encodeAnswer() {
    return Wire.blocks(1, List.of(block), false).toByteArray();
  }

  /** From the bytes of an answer to a block. */
  @Benchmark
  public List<Block> decodeAnswer() throws InvalidProtocolBufferException, MalformedException {
    return Wire.blocks(Envelope.parseFrom(envelopeBytes).getResponse().getBlocks());
  }
}
