package dev.dolmen.it.simulation;

import com.google.protobuf.ByteString;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetHeaders;
import dev.dolmen.protocol.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Serves a chain of its own as an honest node would. Liars are made of it by doing one thing
 * differently.
 */
class Impostor implements Behaviour {

  private final List<Block> chain = new ArrayList<>();
  private final Map<ByteString, Integer> places = new LinkedHashMap<>();
  private final List<DisconnectReason> ends = new ArrayList<>();
  private int questions;

  /** Serves these blocks, of which the first is genesis. */
  Impostor(List<Block> chain) {
    chain.forEach(this::grow);
  }

  final void grow(Block block) {
    places.put(Wire.bytes(block.hash().value()), chain.size());
    chain.add(block);
  }

  Block tip() {
    return chain.get(chain.size() - 1);
  }

  /** How its links ended. */
  List<DisconnectReason> ends() {
    return ends;
  }

  /** Questions it was asked. */
  int questions() {
    return questions;
  }

  @Override
  public void gone(Villain self, PeerEvent.Gone event) {
    ends.add(event.reason());
  }

  @Override
  public void received(Villain self, PeerEvent.Received event) {
    Envelope message = event.envelope();
    long id = message.getRequestId();
    PeerId peer = event.peer();
    switch (message.getBodyCase()) {
      case GET_HEADERS -> {
        questions++;
        giveHeaders(self, peer, id, headersAfter(message.getGetHeaders()));
      }
      case GET_BLOCKS -> {
        questions++;
        giveBlocks(self, peer, id, blocks(message.getGetBlocks().getHashesList()));
      }
      case GET_TRANSACTIONS -> {
        questions++;
        giveTransactions(self, peer, message);
      }
      case LATEST_BLOCK, ALL_BLOCKS, GET_PEERS ->
          self.send(peer, Wire.refusal(id, Refusal.Reason.CANNOT_SERVE, "not here"));
      default -> {}
    }
  }

  /** What it says follows a locator. */
  List<BlockHeader> headersAfter(GetHeaders question) {
    int from =
        question.getLocatorList().stream()
            .map(places::get)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(0);
    int to = Math.min(chain.size(), from + 1 + question.getLimit());
    return chain.subList(from + 1, to).stream().map(Block::header).toList();
  }

  private List<Block> blocks(List<ByteString> hashes) {
    return hashes.stream().map(places::get).filter(Objects::nonNull).map(chain::get).toList();
  }

  /** Answers with the headers that it has after a locator. */
  void giveHeaders(Villain self, PeerId peer, long id, List<BlockHeader> headers) {
    self.send(peer, Wire.headers(id, headers));
  }

  /** Answers with those of the blocks asked for that it has. */
  void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
    self.send(peer, Wire.blocks(id, blocks, false));
  }

  /** Answers with transactions of one of its blocks; it has no pending ones. */
  void giveTransactions(Villain self, PeerId peer, Envelope question) {
    List<Transaction> transactions =
        blocks(List.of(question.getGetTransactions().getBlockHash())).stream()
            .flatMap(
                block ->
                    question.getGetTransactions().getIndexesList().stream()
                        .map(block.transactions()::get))
            .toList();
    self.send(peer, Wire.transactions(question.getRequestId(), transactions, false));
  }
}
