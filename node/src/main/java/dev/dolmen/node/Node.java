package dev.dolmen.node;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.ChainUpdate;
import dev.dolmen.core.chain.Fork;
import dev.dolmen.core.chain.Standing;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.SignatureVerifier;
import dev.dolmen.core.consensus.VerifiedSignatures;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.mempool.AddTransactionResult;
import dev.dolmen.core.mempool.GivenBack;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.mempool.Origin;
import dev.dolmen.core.mining.BlockTemplate;
import dev.dolmen.core.mining.NonceSearch;
import dev.dolmen.core.signature.PublicKey;
import dev.dolmen.core.signature.Signer;
import dev.dolmen.core.store.BlockReader;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.Gift;
import dev.dolmen.node.action.Earliest;
import dev.dolmen.node.action.Moment;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeEvent;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.mining.BlockMaker;
import dev.dolmen.node.relay.BlockRebuilds;
import dev.dolmen.node.relay.BlockRelay;
import dev.dolmen.node.relay.TransactionRelay;
import dev.dolmen.node.relay.Usefulness;
import dev.dolmen.node.sync.BlockHealing;
import dev.dolmen.node.sync.BlockServer;
import dev.dolmen.node.sync.Conversation;
import dev.dolmen.node.sync.Laggards;
import dev.dolmen.node.wire.RequestIds;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Response;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node's decisions, all of them: what came in and what time it is go in, what is to be done comes
 * out. No thread, socket or clock; one caller at a time. So the same code runs on sockets and in a
 * simulation, where one seed gives one run.
 *
 * <p>One block's way: {@link #onReceived} → {@link Conversation} → {@link Chain#add} → {@link
 * #follow} (mempool) → {@link #finish} (announce, tell, mine).
 */
public final class Node {

  /** A hashing node starts over when the template is this old, for new entries and a newer time. */
  static final Duration TEMPLATE_LIFE = Duration.ofSeconds(1);

  /** How long a new tip may wait to be announced while blocks are being caught up with. */
  static final Duration ANNOUNCEMENT_PAUSE = Duration.ofSeconds(1);

  /**
   * On a fixed target that needs no more tries than this on average, a block is made in passing.
   */
  static final BigInteger MAX_TRIES_IN_PASSING = BigInteger.valueOf(1 << 16);

  /** Blocks for which an entry with the usual expiry must be able to wait. */
  private static final long LEAST_LIFE = 64;

  /**
   * Nothing is stored any more when less than this is free, in bytes: room for the store to tidy up
   * in, and for whatever else writes to this disk. Reading goes on.
   */
  static final long DISK_RESERVE_BYTES = 256L * 1024 * 1024;

  /**
   * Storing goes on when so much is free again, so that it does not stop and start all the time.
   */
  static final long ENOUGH_DISK_BYTES = DISK_RESERVE_BYTES / 4 * 5;

  /**
   * Room is looked at so often while something is stored. Nothing fills the reserve in this time.
   */
  static final Duration ROOM_PAUSE = Duration.ofMillis(100);

  /** A block that cannot be judged before a damaged one is healed is tried again so often. */
  static final Duration HEALING_PAUSE = Duration.ofSeconds(1);

  private static final String NO_ROOM =
      "the disk is nearly full: free some, so that " + (ENOUGH_DISK_BYTES >> 20) + " MiB are left";

  /** And so often while there is none. */
  static final Duration NO_ROOM_PAUSE = Duration.ofSeconds(1);

  private final NetworkParameters parameters;
  private final PublicKey author;
  private final Signer signer;
  private final boolean mines;
  private final boolean makesOnDemand;
  private final Chain chain;
  private final Mempool mempool;
  private final ExpiredTransactions expired = new ExpiredTransactions();
  private final RequestIds requestIds = new RequestIds();
  private final Conversation conversation;
  private final BlockServer server;
  private final BlockHealing healing;
  private final TransactionRelay transactionRelay;
  private final BlockRelay blockRelay;
  private final BlockRebuilds blockRebuilds;
  private final Usefulness usefulness = new Usefulness();
  private final Laggards laggards = new Laggards();
  private final BlockMaker maker;
  private final Map<PeerId, String> addresses = new LinkedHashMap<>();
  private final TipMovement movement = new TipMovement();
  private BlockHash announced;
  private @Nullable Instant unannouncedSince;
  private boolean tipIsNews;
  private @Nullable Instant templateFrom;
  private Instant lookAtRoomAt = Instant.MIN;
  private boolean diskIsFull;

  /**
   * A node on a store.
   *
   * @param author this node's key, whose name is under what its own API is given
   * @param signer signs with that key
   * @param mines whether to hash all the time; without effect where blocks are made on demand
   * @param random decides when blocks are made on demand
   */
  public Node(
      NetworkParameters parameters,
      BlockStore store,
      PublicKey author,
      Signer signer,
      boolean mines,
      RandomGenerator random) {
    this(parameters, store, author, signer, mines, random, SignatureVerifier.ONE_BY_ONE);
  }

  /**
   * The same.
   *
   * @param verifier of the signatures in a block
   */
  public Node(
      NetworkParameters parameters,
      BlockStore store,
      PublicKey author,
      Signer signer,
      boolean mines,
      RandomGenerator random,
      SignatureVerifier verifier) {
    this.parameters = parameters;
    this.author = author;
    this.signer = signer;
    VerifiedSignatures verified = new VerifiedSignatures(verifier);
    this.chain = new Chain(parameters, store, verified);
    this.mempool = new Mempool(parameters, chain.tip().height(), verified);
    this.conversation = new Conversation(parameters, chain, requestIds);
    this.server = new BlockServer(chain, mempool, parameters.largestBlock());
    this.healing = new BlockHealing(chain, parameters.genesis(), requestIds);
    this.transactionRelay =
        new TransactionRelay(
            requestIds,
            id -> mempool.contains(id) || chain.includes(id),
            parameters.largestBlock());
    this.blockRelay = new BlockRelay(transactionRelay::isShared);
    this.blockRebuilds =
        new BlockRebuilds(parameters, chain, blockRelay, requestIds, mempool::byLeafPrefix);
    this.maker = new BlockMaker(random);
    this.makesOnDemand =
        parameters.fixedTarget()
            && parameters.firstTarget().work().value().compareTo(MAX_TRIES_IN_PASSING) <= 0;
    this.mines = mines && !makesOnDemand;
    this.announced = chain.tip().hash();
    chain.forEachKept(own -> mempool.restore(own, chain.includes(own.id())));
  }

  // What peers do.

  /** A peer can be spoken to. */
  public List<NodeAction> onPeerReady(PeerId peer, String address, Moment now) {
    addresses.put(peer, address);
    usefulness.onPeerReady(peer);
    laggards.onPeerReady(peer, chain.tip().totalWork(), now.steady());
    blockRelay.onPeerReady(peer);
    healing.onPeerReady(peer);
    List<NodeAction> actions = new ArrayList<>();
    actions.add(new NodeAction.Tell(new NodeEvent.PeerChanged(peer, address, true)));
    actions.addAll(conversation.onPeerReady(peer, now));
    actions.addAll(
        transactionRelay.onPeerReady(peer, mempool.newest(TransactionRelay.MAX_ANNOUNCED)));
    return finish(actions, now);
  }

  /** A peer is gone. Nothing is held for it any more. */
  public List<NodeAction> onPeerGone(PeerId peer, Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    String address = addresses.remove(peer);
    if (address != null) {
      actions.add(new NodeAction.Tell(new NodeEvent.PeerChanged(peer, address, false)));
    }
    usefulness.onPeerGone(peer);
    laggards.onPeerGone(peer);
    server.onPeerGone(peer);
    healing.onPeerGone(peer);
    blockRelay.onPeerGone(peer);
    mempool.peerGone(new Origin.Peer(peer));
    // First, since what others are asked instead goes through it, and must not ask the one gone.
    actions.addAll(conversation.onPeerGone(peer, now));
    actions.addAll(blockRebuilds.onPeerGone(peer, door(actions, now), now));
    actions.addAll(transactionRelay.onPeerGone(peer, now.steady()));
    requestIds.forget(peer);
    return finish(actions, now);
  }

  /** What was sent to a peer has left; a long answer goes on. */
  public List<NodeAction> onDrained(PeerId peer) {
    return server.onDrained(peer);
  }

  /** A peer says something. */
  public List<NodeAction> onReceived(PeerId peer, Envelope envelope, Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    try {
      actions.addAll(blockRebuilds.takeWhatIsInHand(door(actions, now)));
      actions.addAll(answer(peer, envelope, now, actions));
    } catch (MalformedException e) {
      actions.add(Disconnect.violation(peer, envelope.getBodyCase() + ": " + e.getMessage()));
    }
    return finish(actions, now);
  }

  private List<NodeAction> answer(
      PeerId peer, Envelope envelope, Moment now, List<NodeAction> before)
      throws MalformedException {
    return switch (envelope.getBodyCase()) {
      case PING -> tipHeard(peer, Wire.tipHash(envelope.getPing().getTipHash()), now);
      case PONG -> tipHeard(peer, Wire.tipHash(envelope.getPong().getTipHash()), now);
      case LATEST_BLOCK, ALL_BLOCKS, GET_HEADERS, GET_BLOCKS, GET_TRANSACTIONS ->
          envelope.getRequestId() > 0
              ? server.onRequest(peer, envelope)
              : List.of(Disconnect.violation(peer, "a request without an id"));
      case RESPONSE -> {
        before.addAll(
            usefulness.onResponse(
                peer,
                envelope.getRequestId(),
                envelope.getResponse(),
                mayLack(peer, envelope.getRequestId()),
                now.steady()));
        yield onResponse(peer, envelope.getRequestId(), envelope.getResponse(), now, before);
      }
      case NEW_BLOCK ->
          blockRebuilds.onAnnouncement(
              peer,
              Wire.announcement(envelope.getNewBlock(), parameters.largestBlock()),
              door(before, now),
              now);
      case NEW_TRANSACTIONS ->
          transactionRelay.onAnnouncement(
              peer, Wire.ids(envelope.getNewTransactions()), now.steady());
      case HELLO -> List.of(Disconnect.violation(peer, "a second Hello"));
      case GET_PEERS -> List.of(); // The network has answered it.
      case BODY_NOT_SET -> List.of(); // A later version may mean something by it.
    };
  }

  /** What another peer told of, or what is damaged here, not everybody has. */
  private boolean mayLack(PeerId peer, long requestId) {
    return conversation.mayLack(peer, requestId) || healing.awaits(peer, requestId);
  }

  private List<NodeAction> tipHeard(PeerId peer, BlockHash tip, Moment now) {
    blockRelay.peerHas(peer, tip);
    laggards.onTipHeard(
        peer,
        chain.reader().header(tip).map(ChainedHeader::totalWork),
        chain.tip().totalWork(),
        now.steady());
    return conversation.onTipHeard(peer, tip, now);
  }

  private List<NodeAction> onResponse(
      PeerId peer, long requestId, Response response, Moment now, List<NodeAction> actions)
      throws MalformedException {
    if (conversation.awaitsHeaders(peer, requestId)) {
      return switch (response.getAnswerCase()) {
        case HEADERS -> conversation.onHeaders(peer, Wire.headers(response.getHeaders()), now);
        case REFUSAL -> conversation.onRefusal(peer, requestId, now);
        case BLOCKS, TRANSACTIONS, PEERS, ANSWER_NOT_SET ->
            List.of(
                Disconnect.violation(
                    peer, "asked for headers, answered " + response.getAnswerCase()));
      };
    }
    if (conversation.awaitsBlocks(peer, requestId)) {
      return switch (response.getAnswerCase()) {
        case BLOCKS ->
            conversation.onBlocks(
                peer,
                requestId,
                Wire.blocks(response.getBlocks()),
                response.getMore(),
                importInto(actions, now),
                now);
        case REFUSAL -> conversation.onRefusal(peer, requestId, now);
        case HEADERS, TRANSACTIONS, PEERS, ANSWER_NOT_SET ->
            List.of(
                Disconnect.violation(
                    peer, "asked for blocks, answered " + response.getAnswerCase()));
      };
    }
    if (healing.awaits(peer, requestId)) {
      return switch (response.getAnswerCase()) {
        case BLOCKS ->
            healing.onBlocks(peer, Wire.blocks(response.getBlocks()), response.getMore(), now);
        case REFUSAL -> {
          healing.onRefusal(peer);
          yield List.of();
        }
        case HEADERS, TRANSACTIONS, PEERS, ANSWER_NOT_SET ->
            List.of(
                Disconnect.violation(
                    peer, "asked for blocks, answered " + response.getAnswerCase()));
      };
    }
    if (blockRebuilds.awaits(peer, requestId)) {
      BlockRebuilds.Door door = door(actions, now);
      return switch (response.getAnswerCase()) {
        case TRANSACTIONS ->
            blockRebuilds.onTransactions(
                peer, requestId, Wire.transactions(response.getTransactions()), door, now);
        case BLOCKS ->
            blockRebuilds.onBlocks(
                peer, requestId, Wire.blocks(response.getBlocks()), response.getMore(), door, now);
        case REFUSAL -> blockRebuilds.onRefusal(peer, requestId, door, now);
        case HEADERS, PEERS, ANSWER_NOT_SET ->
            List.of(
                Disconnect.violation(
                    peer, "asked for a block, answered " + response.getAnswerCase()));
      };
    }
    if (transactionRelay.awaits(peer, requestId)) {
      return switch (response.getAnswerCase()) {
        case TRANSACTIONS ->
            onTransactions(peer, requestId, Wire.transactions(response.getTransactions()), now);
        case REFUSAL -> onTransactions(peer, requestId, List.of(), now);
        case BLOCKS, HEADERS, PEERS, ANSWER_NOT_SET ->
            List.of(
                Disconnect.violation(
                    peer, "asked for transactions, answered " + response.getAnswerCase()));
      };
    }
    blockRebuilds.isAnswered(peer, requestId);
    return requestIds.wasAsked(peer, requestId)
        ? List.of() // Late: we have given up waiting.
        : List.of(Disconnect.violation(peer, "a Response to a request that was never made"));
  }

  private List<NodeAction> onTransactions(
      PeerId peer, long requestId, List<Transaction> transactions, Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    List<TransactionId> added = new ArrayList<>();
    for (Transaction transaction : transactionRelay.onAnswer(peer, requestId, transactions)) {
      if (chain.includes(transaction.id())) {
        continue;
      }
      AddTransactionResult result = mempool.add(transaction, new Origin.Peer(peer));
      if (result instanceof AddTransactionResult.Added room) {
        added.add(transaction.id());
        actions.add(changed(transaction.id(), TransactionState.PENDING));
        actions.addAll(evicted(room.evicted()));
      } else if (result instanceof AddTransactionResult.TooEarly early) {
        transactionRelay.tooEarly(peer, transaction.id(), early.fromTipHeight());
      } else if (result instanceof AddTransactionResult.Rejected rejected) {
        actions.add(
            Disconnect.violation(
                peer, "transaction " + transaction.id() + ": " + rejected.violation().sentence()));
        break;
      }
    }
    if (!added.isEmpty()) {
      actions.add(new NodeAction.Credit(peer, Gift.ENTRY));
    }
    added.removeIf(id -> !mempool.contains(id)); // One may have made room for the next.
    actions.addAll(transactionRelay.announce(added));
    actions.addAll(transactionRelay.fetchWhatIsFree(now.steady()));
    return actions;
  }

  // Blocks, wherever they come from.

  /** The one door, for a block a peer sent; what follows from it is added to {@code actions}. */
  private Conversation.BlockImport importInto(List<NodeAction> actions, Moment now) {
    return (peer, block, standing) -> {
      if (!hasRoom(actions, now)) {
        return new AddBlockResult.NotYet(now.wall().plus(NO_ROOM_PAUSE));
      }
      AddBlockResult result = addToChain(block, standing, now);
      if (!(result instanceof AddBlockResult.Rejected)) {
        blockRelay.peerHas(peer, block.hash());
      }
      if (result instanceof AddBlockResult.Added added) {
        if (added.update().movedTip()) {
          actions.add(new NodeAction.Credit(peer, Gift.BLOCK));
          usefulness.wasUseful(peer);
        }
        actions.addAll(follow(added.update(), block));
      }
      return result;
    };
  }

  /** A block that cannot be judged since one it depends on is damaged here has to wait. */
  private AddBlockResult addToChain(Block block, Standing standing, Moment now) {
    try {
      return chain.add(block, now.wall(), standing);
    } catch (DamagedBlockException toHeal) {
      return new AddBlockResult.NotYet(now.wall().plus(HEALING_PAUSE));
    }
  }

  /** The same for a block that was announced. */
  private BlockRebuilds.Door door(List<NodeAction> actions, Moment now) {
    return new BlockRebuilds.Door() {
      @Override
      public AddBlockResult add(PeerId from, Block block) {
        AddBlockResult result = importInto(actions, now).add(from, block, Standing.ORDINARY);
        if (result instanceof AddBlockResult.Added added) {
          tipIsNews |= added.update().movedTip();
          actions.addAll(conversation.onAdded(now));
        }
        return result;
      }

      @Override
      public List<NodeAction> catchUp(PeerId peer, BlockHash tip) {
        return conversation.onTipHeard(peer, tip, now);
      }

      @Override
      public List<NodeAction> waitFor(PeerId peer, BlockHeader early) {
        // Where our disk is what it waits for, the peer's next ping tells of the block again.
        return diskIsFull || healing.isNeeded()
            ? List.of()
            : conversation.onEarlyBlock(peer, early, now);
      }
    };
  }

  /** Whether something may be stored. A change is told. */
  private boolean hasRoom(List<NodeAction> actions, Moment now) {
    if (now.steady().isBefore(lookAtRoomAt)) {
      return !diskIsFull;
    }
    boolean wasFull = diskIsFull;
    diskIsFull = chain.room() < (wasFull ? ENOUGH_DISK_BYTES : DISK_RESERVE_BYTES);
    lookAtRoomAt = now.steady().plus(diskIsFull ? NO_ROOM_PAUSE : ROOM_PAUSE);
    if (diskIsFull != wasFull) {
      String sentence =
          diskIsFull
              ? NO_ROOM + "; nothing is stored until then, and reading goes on"
              : "there is room on disk again; the node goes on";
      actions.add(new NodeAction.Tell(new NodeEvent.Warned(sentence)));
    }
    return !diskIsFull;
  }

  /**
   * The mempool follows the best chain. What a reorganisation gives back, and what a side branch
   * holds that we do not, waits for a block again and is announced: so nobody's entry is lost with
   * a branch, and of two equal branches one soon grows.
   */
  private List<NodeAction> follow(ChainUpdate update, Block added) {
    List<NodeAction> actions = new ArrayList<>();
    List<Transaction> returned = new ArrayList<>();
    blockRebuilds.stored(added.hash());
    if (update.movedTip()) {
      movement.add(update);
      for (BlockHash hash : update.disconnected()) {
        GivenBack givenBack = mempool.disconnected(block(hash), chain::includes);
        returned.addAll(givenBack.pending());
        actions.addAll(evicted(givenBack.evicted()));
      }
      for (BlockHash hash : update.connected()) {
        mempool
            .connected(block(hash))
            .forEach(id -> actions.add(changed(id, TransactionState.INCLUDED)));
      }
      for (Transaction transaction : mempool.tipIs(update.after().height())) {
        expired.add(transaction);
        actions.add(changed(transaction.id(), TransactionState.EXPIRED));
      }
    } else {
      GivenBack givenBack = mempool.disconnected(added, chain::includes);
      returned.addAll(givenBack.pending());
      actions.addAll(evicted(givenBack.evicted()));
      mempool.tipIs(chain.tip().height());
    }
    List<TransactionId> waiting =
        returned.stream().map(Transaction::id).filter(mempool::contains).toList();
    waiting.forEach(id -> actions.add(changed(id, TransactionState.PENDING)));
    actions.addAll(transactionRelay.announce(waiting));
    return actions;
  }

  private static List<NodeAction> evicted(List<Transaction> transactions) {
    return transactions.stream()
        .map(transaction -> changed(transaction.id(), TransactionState.EVICTED))
        .toList();
  }

  /** What every input ends with: a new tip is announced, told and built upon. */
  private List<NodeAction> finish(List<NodeAction> actions, Moment now) {
    Optional<ChainUpdate> moved = announceTip(actions, now) ? movement.take() : Optional.empty();
    moved.ifPresent(
        update ->
            actions.add(
                new NodeAction.Tell(
                    new NodeEvent.TipMoved(update, update.after().header().transactionCount()))));
    if (!diskIsFull) {
      actions.addAll(healing.goOn(now));
    }
    conversation
        .warning(now)
        .ifPresent(warning -> actions.add(new NodeAction.Tell(new NodeEvent.Warned(warning))));
    if (moved.isPresent()) {
      actions.addAll(transactionRelay.onTip(chain.tip().height(), now.steady()));
    }
    if (makesOnDemand) {
      maker.onChange(mempool.hasSomethingForNextBlock(), now.steady());
    } else if (mines && !diskIsFull && (moved.isPresent() || templateIsOld(now))) {
      templateFrom = now.steady();
      actions.add(new NodeAction.Mine(BlockTemplate.next(parameters, chain, mempool, now.wall())));
    }
    usefulness.overhear(actions, now.steady());
    return actions;
  }

  /**
   * While catching up not each new tip is announced and told, but a slow source keeps nobody
   * waiting.
   *
   * @return whether the tip may be told
   */
  private boolean announceTip(List<NodeAction> actions, Moment now) {
    BlockHash tip = chain.tip().hash();
    if (tip.equals(announced)) {
      unannouncedSince = null;
      tipIsNews = false;
      return true;
    }
    if (unannouncedSince == null) {
      unannouncedSince = now.steady();
    }
    if (conversation.catchingUp().isPresent()
        && !tipIsNews
        && now.steady().isBefore(unannouncedSince.plus(ANNOUNCEMENT_PAUSE))) {
      return false;
    }
    announced = tip;
    unannouncedSince = null;
    tipIsNews = false;
    actions.addAll(blockRelay.announce(block(tip)));
    return true;
  }

  private boolean templateIsOld(Moment now) {
    return templateFrom == null || !now.steady().isBefore(templateFrom.plus(TEMPLATE_LIFE));
  }

  // What the node's own users do.

  /**
   * Signs a payload with this node's key and takes it.
   *
   * @param expiryHeight the last height it may be included at; empty means the usual one
   */
  public Answer<SubmitResult> submit(Bytes payload, OptionalLong expiryHeight, Moment now) {
    long tip = chain.tip().height();
    long known = conversation.expectedHeight(now);
    long expiry = expiryHeight.orElseGet(() -> usualExpiry(tip, known));
    if (expiryHeight.isEmpty() && expiry - known < LEAST_LIFE) {
      String sentence = "the node is catching up: it is at " + tip + " of " + known;
      return new Answer<>(
          new SubmitResult.NoRoom(sentence + "; try again when it is there"), List.of());
    }
    return submit(Transaction.sign(parameters.genesisHash(), author, expiry, payload, signer), now);
  }

  /**
   * Counted from where the chain is known to be, but never so far that the next block could not
   * hold the entry yet: headers are not blocks, and whoever told them may have nothing more.
   */
  private long usualExpiry(long tip, long known) {
    return Math.min(parameters.defaultExpiryAfter(known), tip + 1 + parameters.expiryWindow());
  }

  /** Takes a transaction that is signed already. */
  public Answer<SubmitResult> submit(Transaction transaction, Moment now) {
    TransactionId id = transaction.id();
    Optional<TransactionPlace> place = chain.reader().locate(id);
    if (place.isPresent()) {
      return new Answer<>(new SubmitResult.AlreadyIncluded(place.get()), List.of());
    }
    List<NodeAction> actions = new ArrayList<>();
    if (!hasRoom(actions, now)) {
      return new Answer<>(new SubmitResult.NoRoom(NO_ROOM), finish(actions, now));
    }
    boolean isKept = mempool.isOwn(id);
    AddTransactionResult result = mempool.add(transaction, Origin.LOCAL);
    if (!isKept && mempool.isOwn(id)) {
      chain.keep(transaction);
    }
    if (result instanceof AddTransactionResult.Added room) {
      actions.add(changed(id, TransactionState.PENDING));
      actions.addAll(evicted(room.evicted()));
      if (makesOnDemand) {
        make(actions, now);
      }
      actions.addAll(announceAfterBlock(id, now));
    }
    return new Answer<>(describe(transaction, result), finish(actions, now));
  }

  /** The block goes first: who takes it has the entry, and need not ask for it. */
  private List<NodeAction> announceAfterBlock(TransactionId id, Moment now) {
    List<NodeAction> actions = finish(new ArrayList<>(), now);
    actions.addAll(transactionRelay.announce(List.of(id)));
    return actions;
  }

  private SubmitResult describe(Transaction transaction, AddTransactionResult result) {
    long tip = chain.tip().height();
    if (result instanceof AddTransactionResult.Expired) {
      return new SubmitResult.Refused(
          "expiry "
              + transaction.expiryHeight()
              + " is not above the tip, which is at "
              + tip
              + "; choose one up to "
              + parameters.defaultExpiryAfter(tip));
    }
    if (result instanceof AddTransactionResult.TooEarly early) {
      return new SubmitResult.Refused(
          "expiry "
              + transaction.expiryHeight()
              + " is too far ahead; send it again once the tip, now at "
              + tip
              + ", has reached "
              + early.fromTipHeight());
    }
    if (result instanceof AddTransactionResult.Rejected rejected) {
      return new SubmitResult.Refused(rejected.violation().sentence());
    }
    if (result instanceof AddTransactionResult.Full) {
      return new SubmitResult.NoRoom(
          "the mempool is full of what was given here ("
              + mempool.bytes()
              + " bytes); try again after the next block");
    }
    return new SubmitResult.Accepted(transaction);
  }

  /**
   * Makes one block now, whether or not anything is pending.
   *
   * @return the block; empty where the target is not fixed or too hard to be met in passing, and
   *     while this node's clock is so far behind the chain that nobody would take the block
   */
  public Answer<Optional<Block>> makeBlock(Moment now) {
    if (!makesOnDemand) {
      return new Answer<>(Optional.empty(), List.of());
    }
    List<NodeAction> actions = new ArrayList<>();
    Optional<Block> made = make(actions, now);
    return new Answer<>(made, finish(actions, now));
  }

  /** A search for a nonce has found one. If the tip has moved on meanwhile, it was in vain. */
  public List<NodeAction> onMined(Block block, Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    addOwn(block, actions, now);
    return finish(actions, now);
  }

  private AddBlockResult addOwn(Block block, List<NodeAction> actions, Moment now) {
    if (!hasRoom(actions, now)) {
      return new AddBlockResult.NotYet(now.wall().plus(NO_ROOM_PAUSE));
    }
    AddBlockResult result = addToChain(block, Standing.ORDINARY, now);
    if (result instanceof AddBlockResult.Added added) {
      tipIsNews |= added.update().movedTip();
      actions.addAll(follow(added.update(), block));
    }
    return result;
  }

  private Optional<Block> make(List<NodeAction> actions, Moment now) {
    BlockTemplate template = BlockTemplate.next(parameters, chain, mempool, now.wall());
    long nonce =
        new NonceSearch(template.header())
            .search(NonceSearch.Range.all(), () -> false)
            .orElseThrow(() -> new IllegalStateException("no nonce meets an easy target"));
    Block block = template.withNonce(nonce);
    AddBlockResult result = addOwn(block, actions, now);
    if (result instanceof AddBlockResult.Added) {
      return Optional.of(block);
    }
    if (result instanceof AddBlockResult.NotYet) {
      return Optional.empty(); // No room, damage, or our clock has gone back: it waits.
    }
    throw new IllegalStateException("our own block was refused: " + result);
  }

  // Time.

  /** Does what is due. */
  public List<NodeAction> onTick(Moment now) {
    List<NodeAction> actions = new ArrayList<>();
    if (diskIsFull) {
      hasRoom(actions, now);
    }
    actions.addAll(blockRebuilds.onTick(door(actions, now), now));
    actions.addAll(conversation.onTick(importInto(actions, now), now));
    actions.addAll(transactionRelay.onTick(now.steady()));
    actions.addAll(usefulness.onTick(now.steady()));
    actions.addAll(laggards.onTick(chain.tip().totalWork(), now.steady()));
    if (makesOnDemand && maker.isDue(now.steady()) && mempool.hasSomethingForNextBlock()) {
      make(actions, now);
    }
    return finish(actions, now);
  }

  /**
   * When {@link #onTick} next wants to be called, by the steady time, if nothing else happens
   * first.
   */
  public Optional<Instant> nextWake() {
    Earliest earliest =
        new Earliest()
            .add(conversation.nextWake())
            .add(blockRebuilds.nextWake())
            .add(transactionRelay.nextWake())
            .add(usefulness.nextWake())
            .add(laggards.nextWake())
            .add(maker.nextWake());
    if (unannouncedSince != null) {
      earliest.add(unannouncedSince.plus(ANNOUNCEMENT_PAUSE));
    }
    if (diskIsFull) {
      earliest.add(lookAtRoomAt);
    } else {
      earliest.add(healing.nextWake());
      if (mines) {
        earliest.add(templateFrom == null ? Instant.EPOCH : templateFrom.plus(TEMPLATE_LIFE));
      }
    }
    return earliest.get();
  }

  // Looking.

  /** How things stand. */
  public NodeView view() {
    return new NodeView(
        chain.tip(),
        mempool.size(),
        mempool.bytes(),
        conversation.catchingUp(),
        waitingFor(),
        diskIsFull);
  }

  private Optional<String> waitingFor() {
    if (diskIsFull) {
      return Optional.of("room: " + NO_ROOM);
    }
    return addresses.isEmpty()
        ? Optional.of("a peer to connect")
        : conversation.waitingFor().or(healing::waitingFor);
  }

  /** A transaction that is pending, included, or expired here not long ago. */
  public Optional<TransactionStatus> transaction(TransactionId id) {
    Optional<TransactionStatus> pending =
        mempool
            .get(id)
            .map(t -> new TransactionStatus(t, TransactionState.PENDING, Optional.empty()));
    return pending
        .or(
            () ->
                chain
                    .reader()
                    .locate(id)
                    .map(
                        place ->
                            new TransactionStatus(
                                block(place.block()).transactions().get(place.index()),
                                TransactionState.INCLUDED,
                                Optional.of(place))))
        .or(
            () ->
                expired
                    .get(id)
                    .map(
                        t -> new TransactionStatus(t, TransactionState.EXPIRED, Optional.empty())));
  }

  /**
   * The last height each of these may be included at, of those that wait here for a block or
   * expired here not long ago.
   */
  public Map<TransactionId, Long> expiries(Collection<TransactionId> ids) {
    Map<TransactionId, Long> expiries = new LinkedHashMap<>();
    for (TransactionId id : ids) {
      mempool
          .get(id)
          .or(() -> expired.get(id))
          .ifPresent(transaction -> expiries.put(id, transaction.expiryHeight()));
    }
    return expiries;
  }

  /**
   * Pending transactions, oldest first, part by part.
   *
   * @param after where the part before ended; {@link Long#MIN_VALUE} for the first
   * @param limit how many at most
   */
  public Mempool.Page pending(long after, int limit) {
    return mempool.page(after, limit);
  }

  /**
   * Stored branches off the best chain, the one with the most work first.
   *
   * @param limit how many at most
   */
  public List<Fork> forks(int limit) {
    return chain.forks(limit);
  }

  /** Look-ups in the chain, for readers of any thread. */
  public BlockReader reader() {
    return chain.reader();
  }

  private Block block(BlockHash hash) {
    return chain.block(hash).orElseThrow(() -> new IllegalStateException("no block " + hash));
  }

  private static NodeAction changed(TransactionId id, TransactionState state) {
    return new NodeAction.Tell(new NodeEvent.TransactionChanged(id, state));
  }
}
