package dev.dolmen.node.relay;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether peers are of any use: one that lets several questions in a minute pass without an answer,
 * or answers with nothing, is let go for a while. That proves no malice, so whatever it gives that
 * was asked for makes all of that forgotten; and what one pause of a machine or a line causes at
 * once counts as one.
 *
 * <p>It overhears what the node asks and is answered, and asks nothing itself. What is too slow in
 * catching up has a rule of its own; here blocks only count when an answer has none.
 *
 * <p>Rule: {@code docs/protocol.md#disconnecting}
 */
public final class Usefulness {

  /** So many in a while, and the peer goes. */
  static final int MOST = 5;

  /** The while. */
  static final Duration WITHIN = Duration.ofMinutes(1);

  /** How long an answer with transactions may take before it counts as missing. */
  static final Duration ANSWER_TIMEOUT = TransactionRelay.FETCH_TIMEOUT;

  /** Within this two count as one. */
  static final Duration COUNTED_ONCE = Duration.ofSeconds(10);

  /**
   * Open questions of one peer that are remembered; the machines that ask have bounds below this.
   */
  static final int MAX_OPEN = 64;

  private static final class Peer {
    /**
     * When each open question counts as unanswered; {@link Instant#MAX} for those that never do.
     */
    private final Map<Long, Instant> open = new LinkedHashMap<>();

    private final Deque<Instant> timeOuts = new ArrayDeque<>();
    private final Deque<Instant> empty = new ArrayDeque<>();
  }

  private final Map<PeerId, Peer> peers = new LinkedHashMap<>();

  /** A peer can be spoken to. */
  public void onPeerReady(PeerId peer) {
    peers.put(peer, new Peer());
  }

  /** A peer is gone, and with it all that is known of it here. */
  public void onPeerGone(PeerId peer) {
    peers.remove(peer);
  }

  /** These are about to be done; among them may be questions. */
  public void overhear(List<NodeAction> actions, Instant now) {
    for (NodeAction action : actions) {
      if (action instanceof Send send) {
        ask(send.peer(), send.envelope(), now);
      }
    }
  }

  private void ask(PeerId to, Envelope envelope, Instant now) {
    Peer peer = peers.get(to);
    Instant due =
        switch (envelope.getBodyCase()) {
          case GET_TRANSACTIONS -> now.plus(ANSWER_TIMEOUT);
          case GET_BLOCKS -> Instant.MAX;
          case HELLO,
              PING,
              PONG,
              LATEST_BLOCK,
              ALL_BLOCKS,
              GET_HEADERS, // nothing new is a good answer
              GET_PEERS,
              RESPONSE,
              NEW_BLOCK,
              NEW_TRANSACTIONS,
              BODY_NOT_SET ->
              null;
        };
    if (peer != null && due != null) {
      if (peer.open.size() >= MAX_OPEN) {
        peer.open.remove(peer.open.keySet().iterator().next());
      }
      peer.open.put(envelope.getRequestId(), due);
    }
  }

  /**
   * A peer answered something, late perhaps.
   *
   * @param mayLack whether it was asked for what it never said it has, as everybody is: or a liar's
   *     blocks, which nobody has, would make all others useless
   */
  public List<NodeAction> onResponse(
      PeerId from, long requestId, Response response, boolean mayLack, Instant now) {
    Peer peer = peers.get(from);
    if (peer == null) {
      return List.of();
    }
    boolean isOpen = peer.open.containsKey(requestId);
    if (!response.getMore()) {
      peer.open.remove(requestId);
    }
    boolean gives =
        switch (response.getAnswerCase()) {
          case BLOCKS -> response.getBlocks().getBlocksCount() > 0;
          case HEADERS -> response.getHeaders().getHeadersCount() > 0;
          case TRANSACTIONS -> response.getTransactions().getTransactionsCount() > 0;
          case PEERS, REFUSAL, ANSWER_NOT_SET -> false;
        };
    if (gives) {
      wasUseful(peer);
      return List.of();
    }
    return (isOpen && !response.getMore() && !mayLack)
        ? count(peer.empty, from, "answers with nothing in them", now)
        : List.of();
  }

  /** A peer gave something new that nobody asked for. */
  public void wasUseful(PeerId id) {
    Peer peer = peers.get(id);
    if (peer != null) {
      wasUseful(peer);
    }
  }

  private static void wasUseful(Peer peer) {
    peer.timeOuts.clear();
    peer.empty.clear();
  }

  /** Counts the questions that have waited for too long. */
  public List<NodeAction> onTick(Instant now) {
    List<NodeAction> actions = new ArrayList<>();
    peers.forEach(
        (id, peer) -> {
          boolean isLate = false;
          for (Iterator<Instant> due = peer.open.values().iterator(); due.hasNext(); ) {
            if (!now.isBefore(due.next())) {
              due.remove();
              isLate = true;
            }
          }
          if (isLate) {
            actions.addAll(count(peer.timeOuts, id, "questions without an answer", now));
          }
        });
    return actions;
  }

  private static List<NodeAction> count(
      Deque<Instant> times, PeerId peer, String what, Instant now) {
    @Nullable Instant last = times.peekLast();
    if (last != null && now.isBefore(last.plus(COUNTED_ONCE))) {
      return List.of();
    }
    times.addLast(now);
    times.removeIf(time -> !now.isBefore(time.plus(WITHIN)));
    if (times.size() < MOST) {
      return List.of();
    }
    times.clear();
    return List.of(
        new Disconnect(
            peer,
            new DisconnectReason(
                Code.USELESS, MOST + " " + what + " in " + WITHIN.toSeconds() + " s")));
  }

  /** When {@link #onTick} next wants to be called, if nothing else happens first. */
  public Optional<Instant> nextWake() {
    Earliest earliest = new Earliest();
    for (Peer peer : peers.values()) {
      for (Instant due : peer.open.values()) {
        if (due.isBefore(Instant.MAX)) {
          earliest.add(due);
        }
      }
    }
    return earliest.get();
  }
}
