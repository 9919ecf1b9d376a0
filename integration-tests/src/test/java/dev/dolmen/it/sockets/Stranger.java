package dev.dolmen.it.sockets;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.it.ScriptedNetwork;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerEvent;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A peer that speaks the protocol but answers nothing by itself, unless a test says what, and sends
 * whatever a test tells it.
 */
final class Stranger implements AutoCloseable {

  private final List<PeerEvent> events = new CopyOnWriteArrayList<>();
  private final PeerNetwork network;
  private final Dolmen victim;
  private final Function<Envelope, List<Envelope>> answers;

  private Stranger(
      Dolmen victim, BigInteger claimedWork, Function<Envelope, List<Envelope>> answers) {
    this.victim = victim;
    this.answers = answers;
    this.network = ScriptedNetwork.create(victim.network(), claimedWork, this::note);
  }

  private void note(PeerEvent event) {
    events.add(event);
    if (event instanceof PeerEvent.Received received) {
      answers.apply(received.envelope()).forEach(this::send);
      network.consumed(received);
    }
  }

  /** Links up with a node. */
  static Stranger meet(Dolmen victim) {
    return meet(victim, BigInteger.ZERO, question -> List.of());
  }

  /**
   * Links up with a node, as one who claims so much work.
   *
   * @param answers what is sent for each message that comes
   */
  static Stranger meet(
      Dolmen victim, BigInteger claimedWork, Function<Envelope, List<Envelope>> answers) {
    Stranger stranger = new Stranger(victim, claimedWork, answers);
    stranger.network.connect(PeerAddress.parse(victim.listenAddress().toString()));
    await().atMost(Network.PATIENCE).until(() -> stranger.has(PeerEvent.Ready.class));
    return stranger;
  }

  void send(Envelope envelope) {
    network.send(victim.id(), envelope);
  }

  /** Announces transactions, and sends them in whatever portions the node asks for them. */
  void give(List<Transaction> transactions) {
    Map<ByteString, Transaction> byId =
        transactions.stream()
            .collect(Collectors.toMap(t -> Wire.bytes(t.id().value()), Function.identity()));
    Set<Long> answered = new HashSet<>();
    Set<ByteString> given = new HashSet<>();
    send(Wire.newTransactions(transactions.stream().map(Transaction::id).toList()));
    await()
        .atMost(Network.PATIENCE)
        .until(
            () -> {
              for (Envelope request : received()) {
                if (request.hasGetTransactions() && answered.add(request.getRequestId())) {
                  List<ByteString> ids = request.getGetTransactions().getIdsList();
                  given.addAll(ids);
                  send(
                      Wire.transactions(
                          request.getRequestId(), ids.stream().map(byId::get).toList(), false));
                }
              }
              return given.size() == transactions.size();
            });
  }

  /** Waits until the node has ended the link, and answers with what it said. */
  DisconnectReason awaitTheEnd() {
    await().atMost(Network.PATIENCE).until(() -> has(PeerEvent.Gone.class));
    return events.stream()
        .filter(PeerEvent.Gone.class::isInstance)
        .map(event -> ((PeerEvent.Gone) event).reason())
        .findFirst()
        .orElseThrow();
  }

  /** Messages that came since the link was made. */
  List<Envelope> received() {
    return events.stream()
        .filter(PeerEvent.Received.class::isInstance)
        .map(event -> ((PeerEvent.Received) event).envelope())
        .toList();
  }

  /** Waits until the node asks something, and answers with the request's id. */
  long awaitRequest(Predicate<Envelope> kind) {
    await().atMost(Network.PATIENCE).until(() -> received().stream().anyMatch(kind));
    return received().stream().filter(kind).findFirst().orElseThrow().getRequestId();
  }

  boolean isLinked() {
    return has(PeerEvent.Ready.class) && !has(PeerEvent.Gone.class);
  }

  private boolean has(Class<? extends PeerEvent> kind) {
    return events.stream().anyMatch(kind::isInstance);
  }

  @Override
  public void close() {
    network.close();
  }
}
