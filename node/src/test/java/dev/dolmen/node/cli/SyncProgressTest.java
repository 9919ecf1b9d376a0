package dev.dolmen.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.node.NodeView;
import dev.dolmen.node.sync.Conversation.CatchingUp;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SyncProgressTest {

  private static final Instant BEGAN = Instant.parse("2026-06-01T00:00:00Z");

  private final StringWriter drawn = new StringWriter();
  private final SyncProgress progress = new SyncProgress(new PrintWriter(drawn));

  @Test
  void saysHowFarHowFastAndHowLongStill() {
    progress.draw(view(12_000, 0, 28_000, ""), List.of(48_000L), BEGAN.plusSeconds(3));

    assertEquals(
        "\r\u001b[K[##        ] 25 %  block 12,000 of 48,000  4,000/s, 9 s left  headers to 28,000",
        drawn.toString());
  }

  @Test
  void needsNobodysClaimOnceAllHeadersAreThere() {
    progress.draw(view(50, 40, 100, ""), List.of(), BEGAN.plusSeconds(10));

    assertEquals("\r\u001b[K[#####     ] 50 %  block 50 of 100  1/s, 50 s left", drawn.toString());
  }

  @Test
  void isNotMadeAbsurdByOneLiar() {
    progress.draw(view(50, 0, 100, ""), List.of(100L, Long.MAX_VALUE, 90L), BEGAN.plusSeconds(1));

    assertEquals("\r\u001b[K[#####     ] 50 %  block 50 of 100  50/s, 1 s left", drawn.toString());
  }

  @Test
  void saysWhatIsWaitedForAsLongAsNothingHasCome() {
    progress.draw(
        view(7, 7, 100, "blocks 8 to 100 from ab12cd34"), List.of(), BEGAN.plusSeconds(65));

    assertEquals(
        "\r\u001b[K[          ] 7 %  block 7 of 100  waits for blocks 8 to 100 from ab12cd34",
        drawn.toString());
  }

  @Test
  void clearsItsLineOnceWhenThereIsNothingLeft() {
    progress.draw(view(7, 0, 100, ""), List.of(), BEGAN.plusSeconds(1));
    drawn.getBuffer().setLength(0);

    NodeView done =
        new NodeView(tip(100), 0, 0, Optional.empty(), Optional.of("a peer to connect"), false);
    progress.draw(done, List.of(), BEGAN.plusSeconds(2));
    progress.draw(done, List.of(), BEGAN.plusSeconds(3));

    assertEquals("\r\u001b[K", drawn.toString());
  }

  private static NodeView view(long height, long from, long headers, String waitingFor) {
    return new NodeView(
        tip(height),
        0,
        0,
        Optional.of(new CatchingUp(BEGAN, from, headers)),
        waitingFor.isEmpty() ? Optional.empty() : Optional.of(waitingFor),
        false);
  }

  private static ChainedHeader tip(long height) {
    Block block = Blocks.childOf(Blocks.genesis()).withHeight(height).build();
    return new ChainedHeader(block.header(), Seal.NONE, Work.ZERO);
  }
}
