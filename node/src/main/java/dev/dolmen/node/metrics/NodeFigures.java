package dev.dolmen.node.metrics;

import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.network.PeerNetwork;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.EventFeed;
import dev.dolmen.node.NodeRunner;
import dev.dolmen.node.NodeView;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.store.StoreFigures;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The figures of one node: counted as things happen, or looked at when asked for. */
final class NodeFigures implements AutoCloseable {

  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  private final Dolmen node;
  private final EventFeed.Subscription subscription;
  private final LongAdder connectedBlocks = new LongAdder();
  private final LongAdder disconnectedBlocks = new LongAdder();
  private final LongAdder reorganisations = new LongAdder();
  private final LongAdder peersCame = new LongAdder();
  private final LongAdder peersWent = new LongAdder();
  private final Map<TransactionState, LongAdder> transactions =
      new EnumMap<>(TransactionState.class);

  NodeFigures(Dolmen node) {
    this.node = node;
    for (TransactionState state : TransactionState.values()) {
      transactions.put(state, new LongAdder());
    }
    this.subscription = node.events().subscribe(event -> event.deliverTo(new Counting()));
  }

  private final class Counting implements NodeEvent.Reader {
    @Override
    public void tipMoved(ChainUpdate update, int entries) {
      connectedBlocks.add(update.connected().size());
      disconnectedBlocks.add(update.disconnected().size());
      if (update.isReorganisation()) {
        reorganisations.increment();
      }
    }

    @Override
    public void transactionChanged(TransactionId id, TransactionState state) {
      LongAdder counter = transactions.get(state);
      if (counter != null) {
        counter.increment();
      }
    }

    @Override
    public void peerChanged(PeerId id, String address, boolean connected) {
      (connected ? peersCame : peersWent).increment();
    }

    @Override
    public void warned(String sentence) {
      // For people: the log and the event stream have it.
    }
  }

  void collect(Page page) {
    NodeView view = node.view();
    page.gauge("dolmen_chain_height", "Height of the best chain's tip.", view.tip().height());
    page.gauge(
        "dolmen_chain_header_height",
        "How far headers are known of the branch that is fetched; the height if none is.",
        view.headerHeight());
    page.gauge(
        "dolmen_chain_tip_timestamp_seconds",
        "The tip's own time, since 1970.",
        view.tip().header().timestamp() / MILLIS);
    page.counter(
        "dolmen_chain_blocks_connected_total",
        "Blocks that joined the best chain.",
        connectedBlocks.sum());
    page.counter(
        "dolmen_chain_blocks_disconnected_total",
        "Blocks that left the best chain.",
        disconnectedBlocks.sum());
    page.counter(
        "dolmen_chain_reorganisations_total",
        "How often blocks were replaced by others.",
        reorganisations.sum());
    page.gauge("dolmen_sync_active", "1 while blocks are caught up with.", view.syncing() ? 1 : 0);
    page.gauge(
        "dolmen_sync_blocks_missing",
        "Blocks whose headers are known and that are still to come.",
        view.headerHeight() - view.tip().height());
    page.gauge(
        "dolmen_mempool_transactions",
        "Entries that wait for a block.",
        view.mempoolTransactions());
    page.gauge("dolmen_mempool_bytes", "Their canonical bytes.", view.mempoolBytes());
    page.gauge("dolmen_mempool_capacity_bytes", "How many there is room for.", Mempool.MAX_BYTES);
    transactions.forEach(
        (state, count) ->
            page.counter(
                "dolmen_transactions_total",
                "How often an entry came into a state.",
                count.sum(),
                "state",
                state.label()));
    collectPeers(page);
    collectThreads(page);
    node.storeFigures().ifPresent(store -> collectStore(page, store));
    page.gauge(
        "dolmen_up",
        "1 while the node runs, 0 once it has stopped.",
        node.ended().isDone() ? 0 : 1);
  }

  private void collectPeers(Page page) {
    PeerNetwork network = node.peers();
    List<PeerInfo> peers = network.peers();
    long outbound = peers.stream().filter(PeerInfo::outbound).count();
    String help = "Peers that are connected, by who dialled.";
    page.gauge("dolmen_peers", help, outbound, "direction", "outbound");
    page.gauge("dolmen_peers", help, peers.size() - outbound, "direction", "inbound");
    page.counter("dolmen_peers_connected_total", "How often a peer has come.", peersCame.sum());
    page.counter("dolmen_peers_disconnected_total", "How often a peer has gone.", peersWent.sum());
    for (DialPolicy.Phase phase : DialPolicy.Phase.values()) {
      page.gauge(
          "dolmen_peers_kept_addresses",
          "Addresses that are dialled for ever, by how that goes.",
          network.dials().stream().filter(dial -> dial.phase() == phase).count(),
          "state",
          phase.name().toLowerCase(Locale.ROOT));
    }
    PeerNetwork.Traffic traffic = network.traffic();
    page.counter(
        "dolmen_peers_received_bytes_total", "Bytes of messages of peers.", traffic.bytesIn());
    page.counter(
        "dolmen_peers_sent_bytes_total", "Bytes of messages to peers.", traffic.bytesOut());
    page.gauge(
        "dolmen_peers_queued_bytes",
        "Bytes that wait for peers to read.",
        peers.stream().mapToLong(PeerInfo::bytesQueued).sum());
    peers.stream()
        .flatMap(peer -> peer.roundTrip().stream())
        .mapToLong(Duration::toNanos)
        .max()
        .ifPresent(
            longest ->
                page.gauge(
                    "dolmen_peers_longest_round_trip_seconds",
                    "Of all connected peers' last pings.",
                    longest / NANOS));
  }

  private void collectThreads(Page page) {
    NodeRunner.Load load = node.runner().load();
    page.gauge("dolmen_node_inbox_length", "Inputs that wait for the node thread.", load.waiting());
    page.counter("dolmen_node_inputs_total", "Inputs that it has handled.", load.handled());
    page.counter(
        "dolmen_node_busy_seconds_total",
        "Time in which it was not waiting for inputs.",
        load.busy().toNanos() / NANOS);
    page.counter(
        "dolmen_store_syncs_total", "How often the store was synced to disk.", load.syncs());
    page.counter(
        "dolmen_store_sync_seconds_total",
        "Time that the node thread waited for that.",
        load.syncing().toNanos() / NANOS);
    page.gauge(
        "dolmen_event_loop_pending_tasks",
        "Tasks that wait for the event loop.",
        node.peers().pendingTasks(),
        "loop",
        "peers");
    node.peers()
        .lag(Page.LONGEST_LAG)
        .ifPresent(
            lag -> page.gauge(Page.LAG, Page.LAG_HELP, lag.toNanos() / NANOS, "loop", "peers"));
  }

  private static void collectStore(Page page, StoreFigures store) {
    page.gauge("dolmen_store_files_bytes", "The database's table files.", store.filesBytes());
    page.gauge(
        "dolmen_store_live_data_bytes", "What of them is in use, estimated.", store.liveBytes());
    page.gauge(
        "dolmen_store_memtable_bytes",
        "Writes that are in memory and the log.",
        store.memtableBytes());
    page.gauge("dolmen_store_cache_bytes", "The block cache.", store.cacheBytes());
    page.gauge(
        "dolmen_store_pending_compaction_bytes",
        "What compaction still has to rewrite, estimated.",
        store.pendingCompactionBytes());
    page.gauge(
        "dolmen_store_background_errors", "Errors while flushing or compacting.", store.errors());
    page.gauge(
        "dolmen_store_writes_stopped",
        "1 while the database takes no writes, until it has caught up with itself.",
        store.writesStopped() ? 1 : 0);
  }

  @Override
  public void close() {
    subscription.close();
  }
}
