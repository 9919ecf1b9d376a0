package dev.dolmen.it.simulation;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.NewBlock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** What peers can do with announcements, each by one script. */
final class RelayLiars {

  private RelayLiars() {}

  /** Indexes of all transactions of a block. */
  private static List<Integer> all(Block block) {
    return IntStream.range(0, block.transactions().size()).boxed().toList();
  }

  /** Row 25: announces transactions that do not exist, and gives none. */
  static final class IdFlooder extends Impostor {
    private static final Duration PAUSE = Duration.ofMillis(200);
    private final int messages;
    private int asked;

    IdFlooder(List<Block> chain, int messages) {
      super(chain);
      this.messages = messages;
    }

    /** Ids that it was asked for. */
    int asked() {
      return asked;
    }

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      flood(self, event.peer(), messages);
    }

    private void flood(Villain self, PeerId peer, int left) {
      List<TransactionId> ids = new ArrayList<>();
      byte[] id = new byte[Limits.HASH_BYTES];
      for (int i = 0; i < Limits.MAX_INVENTORY; i++) {
        self.random().nextBytes(id);
        ids.add(new TransactionId(Hash256.fromBytes(id)));
      }
      self.send(peer, Wire.newTransactions(ids));
      if (left > 1) {
        self.after(PAUSE, () -> flood(self, peer, left - 1));
      }
    }

    @Override
    void giveTransactions(Villain self, PeerId peer, Envelope question) {
      asked += question.getGetTransactions().getIdsCount();
    }
  }

  /** Row 26: announces transactions that exist, again and again, and gives none. */
  static final class EntryWithholder extends Impostor {
    private static final Duration PAUSE = Duration.ofSeconds(3);
    private final List<TransactionId> ids;

    EntryWithholder(List<Block> chain, List<Transaction> entries) {
      super(chain);
      this.ids = entries.stream().map(Transaction::id).toList();
    }

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      announce(self, event.peer(), 10);
    }

    private void announce(Villain self, PeerId peer, int left) {
      self.send(peer, Wire.newTransactions(ids));
      if (left > 1) {
        self.after(PAUSE, () -> announce(self, peer, left - 1));
      }
    }

    @Override
    void giveTransactions(Villain self, PeerId peer, Envelope question) {}
  }

  /** Row 28: announces entries and gives them, whatever they are. */
  static final class Replayer extends Impostor {
    private final Map<TransactionId, Transaction> entries = new LinkedHashMap<>();

    Replayer(List<Block> chain, List<Transaction> entries) {
      super(chain);
      entries.forEach(entry -> this.entries.put(entry.id(), entry));
    }

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      self.send(event.peer(), Wire.newTransactions(List.copyOf(entries.keySet())));
    }

    @Override
    void giveTransactions(Villain self, PeerId peer, Envelope question) {
      List<Transaction> wanted =
          question.getGetTransactions().getIdsList().stream()
              .map(id -> entries.get(new TransactionId(Hash256.fromBytes(id.toByteArray()))))
              .filter(Objects::nonNull)
              .toList();
      self.send(peer, Wire.transactions(question.getRequestId(), wanted, false));
    }
  }

  /** Announces its tip with all of its transactions, be it valid or not. */
  static final class WholeAnnouncer extends Impostor {
    WholeAnnouncer(List<Block> chain) {
      super(chain);
    }

    /** Or its tip would be known, and refused, before it is announced. */
    @Override
    void giveHeaders(Villain self, PeerId peer, long id, List<BlockHeader> headers) {
      super.giveHeaders(self, peer, id, List.of());
    }

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      self.after(
          Duration.ofSeconds(1), () -> self.send(event.peer(), Wire.newBlock(tip(), all(tip()))));
    }
  }

  /** Announces its tip by header and leaves, and never gives what is missing. */
  static class HalfAnnouncer extends Impostor {
    HalfAnnouncer(List<Block> chain) {
      super(chain);
    }

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      self.after(Duration.ofSeconds(1), () -> self.send(event.peer(), announcement()));
    }

    Envelope announcement() {
      return Wire.newBlock(tip(), List.of());
    }

    @Override
    void giveTransactions(Villain self, PeerId peer, Envelope question) {}

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {}
  }

  /** The same with leaves that are not the block's. */
  static final class MisfitAnnouncer extends HalfAnnouncer {
    private final Block other;

    MisfitAnnouncer(List<Block> chain, Block other) {
      super(chain);
      this.other = other;
    }

    @Override
    Envelope announcement() {
      NewBlock good = Wire.newBlock(tip(), List.of()).getNewBlock();
      NewBlock misfit =
          Wire.newBlock(other, all(other)).getNewBlock().toBuilder()
              .setHeader(good.getHeader())
              .build();
      return Envelope.newBuilder().setNewBlock(misfit).build();
    }
  }
}
