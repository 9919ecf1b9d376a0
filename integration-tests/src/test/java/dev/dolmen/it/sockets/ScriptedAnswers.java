package dev.dolmen.it.sockets;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import java.util.List;

/** What peers answer that have an honest chain and help with it, or do not. */
final class ScriptedAnswers {

  private final BlockReader chain;

  ScriptedAnswers(BlockReader chain) {
    this.chain = chain;
  }

  /** Gives headers and blocks. */
  List<Envelope> help(Envelope question) {
    if (!question.hasGetBlocks()) {
      return stall(question);
    }
    List<Block> blocks =
        hashesIn(question).stream().map(hash -> chain.block(hash).orElseThrow()).toList();
    return List.of(Wire.blocks(question.getRequestId(), blocks, false));
  }

  /** Tells headers, and nothing else. */
  List<Envelope> stall(Envelope question) {
    if (!question.hasGetHeaders()) {
      return List.of();
    }
    BlockHash from = BlockHash.fromBytes(question.getGetHeaders().getLocator(0).toByteArray());
    long height = chain.header(from).orElseThrow().height();
    List<BlockHeader> headers =
        chain.hashesFrom(height + 1, Limits.MAX_HEADERS_PER_MESSAGE).stream()
            .map(hash -> chain.header(hash).orElseThrow().header())
            .toList();
    return List.of(Wire.headers(question.getRequestId(), headers));
  }

  /** Tells headers, and gives bodies that are not theirs. */
  List<Envelope> sendWrongBodies(Envelope question) {
    if (!question.hasGetBlocks()) {
      return stall(question);
    }
    Transaction extra = Blocks.transaction("alice", "not in the header", 100);
    BlockHeader header = chain.header(hashesIn(question).get(0)).orElseThrow().header();
    return List.of(
        Wire.blocks(question.getRequestId(), List.of(Block.of(header, List.of(extra))), true));
  }

  private static List<BlockHash> hashesIn(Envelope question) {
    try {
      return Wire.hashes(question.getGetBlocks().getHashesList(), Limits.MAX_BLOCKS_PER_REQUEST);
    } catch (MalformedException e) {
      throw new IllegalStateException("our own node asks in the right form", e);
    }
  }
}
