package dev.dolmen.node.sync;

import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.mempool.Mempool;
import dev.dolmen.core.store.DamagedBlockException;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.node.action.NodeAction;
import dev.dolmen.node.action.NodeAction.Disconnect;
import dev.dolmen.node.action.NodeAction.Send;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetBlocks;
import dev.dolmen.protocol.GetHeaders;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.Refusal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers what peers ask. For each peer one answer is in preparation at a time, and the next part
 * of it is made only when the one before has left the process: so a peer that asks much or reads
 * slowly costs one message of memory and a short queue of questions, and delays nobody else.
 * Between two parts of a long answer goes one short one, so that a peer which is catching up for
 * minutes still gets the rest of what it asks.
 */
public final class BlockServer {

  /**
   * Questions a peer may have waiting here. A node that catches up has {@link
   * BlockDownload#MAX_OPEN_REQUESTS} of them for blocks; as many again are left for headers and
   * transactions.
   */
  static final int MAX_WAITING_REQUESTS = 2 * BlockDownload.MAX_OPEN_REQUESTS;

  /**
   * Bytes of all of those: as many questions for {@link Limits#MAX_BLOCKS_PER_REQUEST} blocks each,
   * and a little more.
   */
  static final int MAX_WAITING_BYTES = 288 * 1024;

  /**
   * Bytes of blocks in one part of an answer, unless a single block is larger: a quarter of a
   * second of a line with 250 kB/s, so that whoever waits at its end sees that something comes.
   */
  static final int MAX_PART_BYTES = 64 * 1024;

  private final Chain chain;
  private final Mempool mempool;
  private final int largestAnswer;
  private final Map<PeerId, Client> clients = new LinkedHashMap<>();

  private static final class Client {
    private final ArrayDeque<Envelope> requests = new ArrayDeque<>();
    private @Nullable Stream stream;
    private boolean partWasLast;
    private boolean sending;

    long waitingBytes() {
      return requests.stream().mapToLong(Envelope::getSerializedSize).sum();
    }
  }

  /**
   * A long answer under way.
   *
   * @param source what is still to be sent
   */
  private record Stream(long requestId, BlockSource source) {}

  /** Blocks still to be sent, looked up one at a time. */
  private interface BlockSource {
    /** The next block; empty when there is no more. Looking does not take it. */
    Optional<Block> peek();

    /** Takes the block last looked at. */
    void take();
  }

  /**
   * Serves one chain and pool.
   *
   * @param largestAnswer canonical bytes in one response, unless a single block is larger
   */
  public BlockServer(Chain chain, Mempool mempool, int largestAnswer) {
    this.chain = chain;
    this.mempool = mempool;
    this.largestAnswer = largestAnswer;
  }

  /** A peer asks. */
  public List<NodeAction> onRequest(PeerId peer, Envelope request) {
    Client client = clients.computeIfAbsent(peer, p -> new Client());
    if (client.requests.size() >= MAX_WAITING_REQUESTS) {
      return List.of(
          Disconnect.violation(peer, "more than " + MAX_WAITING_REQUESTS + " requests waiting"));
    }
    if (client.waitingBytes() + request.getSerializedSize() > MAX_WAITING_BYTES) {
      return List.of(
          Disconnect.violation(
              peer, "requests of more than " + MAX_WAITING_BYTES + " bytes waiting"));
    }
    client.requests.addLast(request);
    return goOn(peer, client);
  }

  /** What was sent to the peer has left: the next part may go. */
  public List<NodeAction> onDrained(PeerId peer) {
    Client client = clients.get(peer);
    if (client == null) {
      return List.of();
    }
    client.sending = false;
    return goOn(peer, client);
  }

  /** The peer is gone, and with it everything held for it. */
  public void onPeerGone(PeerId peer) {
    clients.remove(peer);
  }

  private List<NodeAction> goOn(PeerId peer, Client client) {
    if (client.sending) {
      return List.of();
    }
    try {
      Optional<Envelope> answer = next(client);
      client.sending = answer.isPresent();
      return answer.<List<NodeAction>>map(a -> List.of(new Send(peer, a))).orElse(List.of());
    } catch (MalformedException e) {
      return List.of(Disconnect.violation(peer, String.valueOf(e.getMessage())));
    }
  }

  private Optional<Envelope> next(Client client) throws MalformedException {
    Stream stream = client.stream;
    Optional<Envelope> request =
        stream == null
            ? Optional.ofNullable(client.requests.peekFirst())
            : client.requests.stream()
                .filter(waiting -> client.partWasLast && !isLong(waiting))
                .findFirst();
    if (request.isPresent()) {
      client.requests.remove(request.get());
      client.partWasLast = false;
      return Optional.of(answer(client, request.get()));
    }
    return Optional.ofNullable(stream).map(left -> nextPart(client, left));
  }

  private static boolean isLong(Envelope request) {
    return switch (request.getBodyCase()) {
      case ALL_BLOCKS, GET_BLOCKS -> true;
      case LATEST_BLOCK,
          GET_HEADERS,
          GET_TRANSACTIONS,
          GET_PEERS,
          HELLO,
          PING,
          PONG,
          RESPONSE,
          NEW_BLOCK,
          NEW_TRANSACTIONS,
          BODY_NOT_SET ->
          false;
    };
  }

  private Envelope answer(Client client, Envelope request) throws MalformedException {
    long id = request.getRequestId();
    return switch (request.getBodyCase()) {
      case LATEST_BLOCK ->
          sound(chain.tip().hash())
              .map(tip -> Wire.blocks(id, List.of(tip), false))
              .orElseGet(() -> damaged(id));
      case ALL_BLOCKS ->
          allBlocks(client, id, Wire.locator(request.getAllBlocks().getLocatorList()));
      case GET_HEADERS -> headers(id, request.getGetHeaders());
      case GET_BLOCKS -> blocks(client, id, request.getGetBlocks());
      case GET_TRANSACTIONS -> transactions(id, request.getGetTransactions());
      case GET_PEERS, HELLO, PING, PONG, RESPONSE, NEW_BLOCK, NEW_TRANSACTIONS, BODY_NOT_SET ->
          throw new IllegalStateException(request.getBodyCase() + " is not a request");
    };
  }

  private Envelope allBlocks(Client client, long id, Locator locator) {
    long fork = chain.forkHeight(locator);
    BlockHash from =
        chain.reader().hashAt(fork).orElseThrow(() -> new IllegalStateException("no fork block"));
    return start(client, new Stream(id, new BestChain(fork, from)));
  }

  private Envelope blocks(Client client, long id, GetBlocks request) throws MalformedException {
    List<BlockHash> hashes = Wire.hashes(request.getHashesList(), Limits.MAX_BLOCKS_PER_REQUEST);
    return start(client, new Stream(id, new Named(hashes)));
  }

  private Envelope start(Client client, Stream stream) {
    client.stream = stream;
    return nextPart(client, stream);
  }

  private Envelope nextPart(Client client, Stream stream) {
    List<Block> part = new ArrayList<>();
    long bytes = 0;
    Optional<Block> block = stream.source().peek();
    while (block.isPresent()) {
      bytes += wireSize(block.get());
      if (!part.isEmpty() && bytes > Math.min(largestAnswer, MAX_PART_BYTES)) {
        break;
      }
      part.add(block.get());
      stream.source().take();
      block = stream.source().peek();
    }
    boolean more = block.isPresent();
    client.partWasLast = true;
    if (!more) {
      client.stream = null;
    }
    return Wire.blocks(stream.requestId(), part, more);
  }

  private static long wireSize(Block block) {
    return block.size() + Wire.MAX_OVERHEAD_BYTES * (1L + block.transactions().size());
  }

  /**
   * Headers in an answer that is not the last: fewer than the limit where blocks are small.
   *
   * @param largestBlock of the network, in canonical bytes
   */
  static int headersInAnswer(int largestBlock) {
    return Math.min(
        Limits.MAX_HEADERS_PER_MESSAGE,
        Math.max(1, largestBlock / (BlockHeader.BYTES + Wire.MAX_OVERHEAD_BYTES)));
  }

  private Envelope headers(long id, GetHeaders request) throws MalformedException {
    Locator locator = Wire.locator(request.getLocatorList());
    int asked = request.getLimit();
    int most = headersInAnswer(largestAnswer);
    int limit = asked > 0 && asked < most ? asked : most;
    List<BlockHeader> headers =
        chain.reader().hashesFrom(chain.forkHeight(locator) + 1, limit).stream()
            .map(hash -> chain.reader().header(hash).orElseThrow().header())
            .toList();
    return Wire.headers(id, headers);
  }

  private Envelope transactions(long id, GetTransactions request) throws MalformedException {
    return request.getBlockHash().isEmpty()
        ? fit(id, pending(Wire.ids(request.getIdsList())))
        : fromBlock(id, request);
  }

  private List<Transaction> pending(List<TransactionId> ids) {
    return ids.stream().map(mempool::get).flatMap(Optional::stream).toList();
  }

  private Envelope fromBlock(long id, GetTransactions request) throws MalformedException {
    if (request.getIdsCount() > 0) {
      throw new MalformedException("GetTransactions by ids and by block at once");
    }
    if (request.getIndexesCount() > Limits.MAX_INVENTORY) {
      throw new MalformedException(request.getIndexesCount() + " indexes at once");
    }
    Optional<Block> block = sound(Wire.tipHash(request.getBlockHash()));
    if (block.isEmpty()) {
      return Wire.refusal(id, Refusal.Reason.CANNOT_SERVE, "no such block here");
    }
    List<Transaction> all = block.get().transactions();
    List<Transaction> wanted = new ArrayList<>();
    for (int index : request.getIndexesList()) {
      if (index < 0 || index >= all.size()) {
        return Wire.refusal(id, Refusal.Reason.CANNOT_SERVE, "no such transaction in the block");
      }
      wanted.add(all.get(index));
    }
    return fit(id, wanted);
  }

  /** As many of them, in order, as one response may hold; the asker asks again for the rest. */
  private Envelope fit(long id, List<Transaction> transactions) {
    List<Transaction> fitting = new ArrayList<>();
    long bytes = 0;
    for (Transaction transaction : transactions) {
      bytes += transaction.size() + Wire.MAX_OVERHEAD_BYTES;
      if (bytes > largestAnswer) {
        break;
      }
      fitting.add(transaction);
    }
    return Wire.transactions(id, fitting, false);
  }

  /** A stored block, unless it is damaged: the peer asks another. */
  private Optional<Block> sound(BlockHash hash) {
    try {
      return chain.block(hash);
    } catch (DamagedBlockException toHeal) {
      return Optional.empty();
    }
  }

  private static Envelope damaged(long id) {
    return Wire.refusal(id, Refusal.Reason.CANNOT_SERVE, "damaged here, and asked for elsewhere");
  }

  /** The best chain above a height, for as long as it still holds what was sent last. */
  private final class BestChain implements BlockSource {
    private long lastHeight;
    private BlockHash lastHash;
    private Optional<Block> peeked = Optional.empty();

    BestChain(long lastHeight, BlockHash lastHash) {
      this.lastHeight = lastHeight;
      this.lastHash = lastHash;
    }

    @Override
    public Optional<Block> peek() {
      if (peeked.isEmpty()) {
        peeked =
            chain
                .reader()
                .hashAt(lastHeight + 1)
                .flatMap(BlockServer.this::sound)
                // After a reorganisation the answer ends; the tip we announce makes the peer ask
                // again.
                .filter(block -> block.header().previousHash().equals(lastHash));
      }
      return peeked;
    }

    @Override
    public void take() {
      Block taken = peeked.orElseThrow();
      lastHeight = taken.height();
      lastHash = taken.hash();
      peeked = Optional.empty();
    }
  }

  /** Named blocks, in the order asked; those we do not have, or not sound, are left out. */
  private final class Named implements BlockSource {
    private final ArrayDeque<BlockHash> left;
    private Optional<Block> peeked = Optional.empty();

    Named(List<BlockHash> hashes) {
      this.left = new ArrayDeque<>(hashes);
    }

    @Override
    public Optional<Block> peek() {
      while (peeked.isEmpty() && !left.isEmpty()) {
        peeked = sound(left.removeFirst());
      }
      return peeked;
    }

    @Override
    public void take() {
      peeked = Optional.empty();
    }
  }
}
