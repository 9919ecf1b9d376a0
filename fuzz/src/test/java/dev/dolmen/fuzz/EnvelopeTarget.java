package dev.dolmen.fuzz;

import static dev.dolmen.fuzz.Findings.require;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.node.wire.BlockAnnouncement;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Response;
import java.util.List;

/** Envelopes, and everything in them that becomes a core type. */
final class EnvelopeTarget implements FuzzTarget {

  private static final int LARGEST_BLOCK = NetworkParameters.dev().largestBlock();

  @Override
  public boolean feed(byte[] input) throws Exception {
    if (input.length > Limits.maxFrameBytes(LARGEST_BLOCK)) {
      return false;
    }
    try {
      read(Envelope.parseFrom(input));
      return true;
    } catch (InvalidProtocolBufferException | MalformedException declared) {
      return false;
    }
  }

  private static void read(Envelope envelope) throws Exception {
    switch (envelope.getBodyCase()) {
      case PING -> Wire.tipHash(envelope.getPing().getTipHash());
      case PONG -> Wire.tipHash(envelope.getPong().getTipHash());
      case ALL_BLOCKS -> Wire.locator(envelope.getAllBlocks().getLocatorList());
      case GET_HEADERS -> Wire.locator(envelope.getGetHeaders().getLocatorList());
      case GET_BLOCKS ->
          Wire.hashes(envelope.getGetBlocks().getHashesList(), Limits.MAX_BLOCKS_PER_REQUEST);
      case GET_TRANSACTIONS -> read(envelope.getGetTransactions());
      case RESPONSE -> read(envelope.getRequestId(), envelope.getResponse());
      case NEW_BLOCK -> {
        BlockAnnouncement announcement = Wire.announcement(envelope.getNewBlock(), LARGEST_BLOCK);
        require(
            announcement.leaves().length() == announcement.header().transactionCount(),
            "a leaf for each transaction");
        announcement.placed().values().forEach(Sameness::check);
      }
      case NEW_TRANSACTIONS -> Wire.ids(envelope.getNewTransactions());
      case HELLO, LATEST_BLOCK, GET_PEERS, BODY_NOT_SET -> {}
    }
  }

  private static void read(GetTransactions question) throws MalformedException {
    if (question.getBlockHash().isEmpty()) {
      Wire.ids(question.getIdsList());
    } else {
      Wire.hashes(List.of(question.getBlockHash()), 1);
    }
  }

  private static void read(long id, Response response) throws Exception {
    switch (response.getAnswerCase()) {
      case BLOCKS -> {
        List<Block> blocks = Wire.blocks(response.getBlocks());
        blocks.forEach(Sameness::check);
        Envelope again = Wire.blocks(id, blocks, response.getMore());
        require(
            Wire.blocks(again.getResponse().getBlocks()).equals(blocks), "the same blocks again");
      }
      case HEADERS -> {
        List<BlockHeader> headers = Wire.headers(response.getHeaders());
        headers.forEach(Sameness::check);
        Envelope again = Wire.headers(id, headers);
        require(
            Wire.headers(again.getResponse().getHeaders()).equals(headers),
            "the same headers again");
      }
      case TRANSACTIONS -> {
        List<Transaction> transactions = Wire.transactions(response.getTransactions());
        transactions.forEach(Sameness::check);
        Envelope again = Wire.transactions(id, transactions, response.getMore());
        require(
            Wire.transactions(again.getResponse().getTransactions()).equals(transactions),
            "the same transactions again");
      }
      case PEERS, REFUSAL, ANSWER_NOT_SET -> {}
    }
  }

  @Override
  public List<byte[]> examples() {
    return Samples.envelopes().stream().map(Envelope::toByteArray).toList();
  }

  @Override
  public byte[] mutate(byte[] example, byte[] other, Mutator mutator) {
    return mutator.message(example, other);
  }
}
