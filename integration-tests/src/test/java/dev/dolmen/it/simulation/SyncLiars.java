package dev.dolmen.it.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.network.handshake.LocalTip;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** What peers can do to a node that catches up, each by one script. */
final class SyncLiars {

  private SyncLiars() {}

  /** Row 16: all of a request comes but its first block, and the answer never ends. */
  static final class Staller extends Impostor {
    Staller(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      if (blocks.size() > 1) {
        self.send(peer, Wire.blocks(id, blocks.subList(1, blocks.size()), true));
      }
    }
  }

  /** Tells headers with real work behind them, and never a block. */
  static final class Withholder extends Impostor {
    Withholder(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {}
  }

  /** The same, of which it shows whatever single block it is asked for. */
  static final class Shower extends Impostor {
    Shower(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      if (blocks.size() == 1) {
        super.giveBlocks(self, peer, id, blocks);
      }
    }
  }

  /** The blocks come, one at a time, each well before patience ends. */
  static final class Trickler extends Impostor {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private Duration freeAt = Duration.ZERO;

    Trickler(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      for (int i = 0; i < blocks.size(); i++) {
        List<Block> next = List.of(blocks.get(i));
        boolean more = i + 1 < blocks.size();
        Duration now = self.elapsed();
        freeAt = (freeAt.compareTo(now) > 0 ? freeAt : now).plus(PAUSE);
        self.after(freeAt.minus(now), () -> self.send(peer, Wire.blocks(id, next, more)));
      }
    }
  }

  /** Row 17: its Hello and pings name a tip as high as can be, which nobody has. */
  static final class Boaster extends Impostor {
    Boaster(List<Block> chain) {
      super(chain);
    }

    static LocalTip claim(SplittableRandom random) {
      byte[] hash = new byte[32];
      random.nextBytes(hash);
      byte[] work = new byte[32];
      work[0] = -1;
      return new LocalTip(
          Long.MAX_VALUE, ByteString.copyFrom(work), Wire.bytes(Hash256.fromBytes(hash)));
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      self.send(peer, Wire.blocks(id, List.of(), false));
    }
  }

  /** Tells headers, and then has nothing of what it told. */
  static final class Forgetter extends Impostor {
    private boolean told;

    Forgetter(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveHeaders(Villain self, PeerId peer, long id, List<BlockHeader> headers) {
      self.send(peer, Wire.headers(id, told ? List.of() : headers));
      told = true;
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      self.send(peer, Wire.blocks(id, List.of(), false));
    }
  }

  /** Answers each question for headers with the same ones, as many as fit: there is always more. */
  static final class Repeater extends Impostor {
    private List<BlockHeader> same = List.of();

    Repeater(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveHeaders(Villain self, PeerId peer, long id, List<BlockHeader> headers) {
      if (headers.size() > same.size()) {
        same = headers;
      }
      self.send(peer, Wire.headers(id, same));
    }
  }

  /** Each answer with blocks is empty, and more of it is to come. */
  static final class Promiser extends Impostor {
    Promiser(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      self.send(peer, Wire.blocks(id, List.of(), true));
    }
  }

  /**
   * Row 14: makes up a branch of headers as it is asked for it, and another one whenever it is
   * asked from elsewhere. Each costs it next to nothing on a network like {@code dev}.
   */
  static final class Spammer extends Impostor {
    private BlockHeader last;
    private int told;

    Spammer(Block genesis) {
      super(List.of(genesis));
      last = genesis.header();
    }

    /** Headers that it was asked for. */
    int told() {
      return told;
    }

    @Override
    List<BlockHeader> headersAfter(GetHeaders question) {
      List<BlockHeader> headers = new ArrayList<>();
      if (!question.getLocator(0).equals(Wire.bytes(last.hash().value()))) {
        BlockHeader genesis = tip().header();
        last = Blocks.childOf(genesis).withTime(genesis.timestamp() + 1 + told).build().header();
        headers.add(last);
      }
      while (headers.size() < question.getLimit()) {
        last = Blocks.childOf(last).build().header();
        headers.add(last);
      }
      told += headers.size();
      return headers;
    }
  }

  /** Never answers anything. */
  static final class Mute extends Impostor {
    Mute(List<Block> chain) {
      super(chain);
    }

    @Override
    public void received(Villain self, PeerEvent.Received event) {}
  }

  /** Row 15: one header is another. */
  static final class HeaderForger extends Impostor {
    private final UnaryOperator<BlockHeader> mutation;

    HeaderForger(List<Block> chain, UnaryOperator<BlockHeader> mutation) {
      super(chain);
      this.mutation = mutation;
    }

    @Override
    void giveHeaders(Villain self, PeerId peer, long id, List<BlockHeader> headers) {
      self.send(peer, Wire.headers(id, headers.stream().map(mutation).toList()));
    }
  }

  /** Row 18: a body under a header is another. */
  static final class BodyForger extends Impostor {
    private final UnaryOperator<Block> mutation;

    BodyForger(List<Block> chain, UnaryOperator<Block> mutation) {
      super(chain);
      this.mutation = mutation;
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      self.send(peer, Wire.blocks(id, blocks.stream().map(mutation).toList(), false));
    }
  }

  /** The same by a field that no version of the protocol has. */
  static final class FieldAdder extends Impostor {
    FieldAdder(List<Block> chain) {
      super(chain);
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      if (blocks.isEmpty()) {
        super.giveBlocks(self, peer, id, blocks);
        return;
      }
      Envelope.Builder answer = Wire.blocks(id, blocks, false).toBuilder();
      answer
          .getResponseBuilder()
          .getBlocksBuilder()
          .getBlocksBuilder(0)
          .setUnknownFields(
              UnknownFieldSet.newBuilder()
                  .addField(100, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                  .build());
      self.send(peer, answer.build());
    }
  }

  /** Row 19: honest with what it has, and counts the blocks that it gave. */
  static final class BlockCounter extends Impostor {
    private int given;

    BlockCounter(List<Block> chain) {
      super(chain);
    }

    int given() {
      return given;
    }

    @Override
    void giveBlocks(Villain self, PeerId peer, long id, List<Block> blocks) {
      given += blocks.size();
      for (int i = 0; i < blocks.size(); i++) {
        self.send(peer, Wire.blocks(id, blocks.subList(i, i + 1), i + 1 < blocks.size()));
      }
    }
  }

  /** Row 20: announces blocks, some at a time, whatever comes of it. */
  static final class Announcer extends Impostor {
    private static final int AT_ONCE = 100;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private final List<Block> announced;

    Announcer(List<Block> chain, List<Block> announced) {
      super(chain);
      this.announced = List.copyOf(announced);
    }

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      announce(self, event.peer(), 0);
    }

    private void announce(Villain self, PeerId peer, int from) {
      int to = Math.min(announced.size(), from + AT_ONCE);
      announced
          .subList(from, to)
          .forEach(block -> self.send(peer, Wire.newBlock(block, List.of())));
      if (to < announced.size()) {
        self.after(PAUSE, () -> announce(self, peer, to));
      }
    }
  }

  /** Row 20: answers what it was not asked. */
  static final class Presenter extends Impostor {
    Presenter(List<Block> chain) {
      super(chain);
    }

    @Override
    public void ready(Villain self, PeerEvent.Ready event) {
      self.send(event.peer(), Wire.blocks(1_000_000, List.of(tip()), false));
    }
  }
}
