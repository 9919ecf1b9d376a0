package dev.dolmen.node;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each block, and one now and then for all of them while catching up; peers are logged
 * by the network. Owned by the node thread.
 */
final class Logbook {

  /** Between two lines while catching up: enough to see that it goes on. */
  static final Duration CATCHING_UP_INTERVAL = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(Logbook.class);
  private static final int SHOWN_DIGITS = 12;

  private long caughtUp;
  private Instant quietUntil = Instant.MIN;

  /**
   * Notes what was told.
   *
   * @param catchingUp whether more blocks are known to follow
   */
  void note(NodeEvent event, boolean catchingUp, Instant now) {
    event.deliverTo(
        new NodeEvent.Reader() {
          @Override
          public void tipMoved(ChainUpdate update, int transactions) {
            noteTip(update, transactions, catchingUp, now);
          }

          @Override
          public void transactionChanged(TransactionId id, TransactionState state) {
            log.debug("entry {} {}", id, state.label());
          }

          @Override
          public void peerChanged(PeerId id, String address, boolean connected) {
            log.debug("peer {} {} {}", id.toShortString(), address, connected ? "came" : "went");
          }

          @Override
          public void warned(String sentence) {
            log.warn("{}", sentence);
          }
        });
  }

  private void noteTip(ChainUpdate update, int transactions, boolean catchingUp, Instant now) {
    caughtUp += update.connected().size();
    String hash = update.after().hash().toHex().substring(0, SHOWN_DIGITS);
    long height = update.after().height();
    String entries = transactions == 1 ? "1 entry" : transactions + " entries";
    if (update.isReorganisation()) {
      log.info(
          "block {} {}, {}: reorganised, {} blocks replaced by {}",
          height,
          hash,
          entries,
          update.disconnected().size(),
          update.connected().size());
    } else if (catchingUp && now.isBefore(quietUntil)) {
      return; // It is counted, and told with the next ones.
    } else if (caughtUp > 1) {
      log.info("block {} {}, {} blocks caught up", height, hash, caughtUp);
    } else {
      log.info("block {} {}, {}", height, hash, entries);
    }
    caughtUp = 0;
    quietUntil = now.plus(CATCHING_UP_INTERVAL);
  }
}
