package dev.dolmen.node.api;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.store.ChainedHeader;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.Bans.Ban;
import dev.dolmen.network.peers.Departure;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.node.NodeStatus;
import dev.dolmen.node.NodeView;
import dev.dolmen.node.action.TransactionState;
import dev.dolmen.node.config.NodeSettings;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Every JSON document the API serves, field by field. Rule: docs/api.md */
final class Documents {

  private static final int HEX = 16;

  private Documents() {}

  /** {@code work} is that of the whole chain. */
  static Json.Content status(NodeStatus status, String version) {
    NodeView view = status.view();
    return json -> {
      json.writeStartObject();
      json.writeStringField("name", status.name());
      json.writeStringField("network", status.network().name());
      json.writeStringField("genesis", status.network().genesisHash().toHex());
      json.writeStringField("version", version);
      json.writeStringField("peerId", status.id().toString());
      json.writeNumberField("height", view.tip().height());
      json.writeStringField("hash", view.tip().hash().toHex());
      json.writeStringField("work", view.tip().totalWork().toString());
      json.writeNumberField("headerHeight", view.headerHeight());
      json.writeBooleanField("syncing", view.syncing());
      json.writeNumberField("peers", status.peers());
      if (view.waitingFor().isPresent()) {
        json.writeStringField("waitingFor", view.waitingFor().get());
      } else {
        json.writeNullField("waitingFor");
      }
      json.writeObjectFieldStart("mempool");
      json.writeNumberField("transactions", view.mempoolTransactions());
      json.writeNumberField("bytes", view.mempoolBytes());
      json.writeEndObject();
      json.writeEndObject();
    };
  }

  /**
   * A block with its transactions.
   *
   * <p>{@code work} is this block's own, not that of the chain up to it.
   *
   * @param confirmations how many blocks of the best chain stand on it, itself counted; 0 for a
   *     block of another branch
   */
  static Json.Content block(Block block, long confirmations) {
    return json -> {
      json.writeStartObject();
      writeHeader(json, block.header());
      json.writeNumberField("size", block.size());
      json.writeNumberField("confirmations", confirmations);
      json.writeArrayFieldStart("transactions");
      List<Transaction> transactions = block.transactions();
      for (int index = 0; index < transactions.size(); index++) {
        json.writeStartObject();
        writeTransaction(json, transactions.get(index));
        json.writeNumberField("index", index);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  /** A block without its transactions, as cheap to make as its header is to read. */
  static Json.Content header(BlockHeader header, long confirmations) {
    return json -> {
      json.writeStartObject();
      writeHeader(json, header);
      json.writeNumberField("confirmations", confirmations);
      json.writeEndObject();
    };
  }

  private static void writeHeader(JsonGenerator json, BlockHeader header) throws IOException {
    json.writeStringField("hash", header.hash().toHex());
    json.writeNumberField("version", header.version());
    json.writeNumberField("height", header.height());
    json.writeNumberField("timestamp", header.timestamp());
    json.writeStringField("previousHash", header.previousHash().toHex());
    json.writeStringField("merkleRoot", header.merkleRoot().toHex());
    json.writeNumberField("transactionCount", header.transactionCount());
    json.writeStringField("bits", compactBits(header.bits()));
    json.writeStringField("nonce", Long.toString(header.nonce()));
    json.writeStringField("work", ownWork(header).toString());
  }

  private static String compactBits(int bits) {
    String digits = Integer.toUnsignedString(bits, HEX);
    return "0".repeat(2 * Integer.BYTES - digits.length()) + digits;
  }

  private static Work ownWork(BlockHeader header) {
    return Target.fromCompact(header.bits())
        .orElseThrow(() -> new IllegalStateException("a stored block has bits nobody can meet"))
        .work();
  }

  private static void writeTransaction(JsonGenerator json, Transaction transaction)
      throws IOException {
    writeClaim(json, transaction);
    json.writeFieldName("payload");
    byte[] payload = transaction.payload().toByteArray();
    json.writeBinary(Base64Variants.MIME_NO_LINEFEEDS, payload, 0, payload.length);
    json.writeNumberField("size", transaction.size());
  }

  private static void writeClaim(JsonGenerator json, Transaction transaction) throws IOException {
    json.writeStringField("id", transaction.id().toHex());
    json.writeStringField("author", transaction.author().toHex());
    json.writeNumberField("expiryHeight", transaction.expiryHeight());
  }

  /** What a client needs to ask for its transaction again. */
  static Json.Content accepted(Transaction transaction) {
    return json -> {
      json.writeStartObject();
      writeClaim(json, transaction);
      json.writeEndObject();
    };
  }

  /** A transaction that is in no block. */
  static Json.Content outsideChain(Transaction transaction, TransactionState state) {
    return json -> {
      json.writeStartObject();
      writeTransaction(json, transaction);
      json.writeStringField("state", state.label());
      json.writeEndObject();
    };
  }

  /** A transaction in the best chain. */
  static Json.Content included(
      Transaction transaction, TransactionPlace place, long confirmations) {
    return json -> {
      json.writeStartObject();
      writeTransaction(json, transaction);
      json.writeStringField("state", TransactionState.INCLUDED.label());
      place(place, confirmations).writeTo(json);
      json.writeEndObject();
    };
  }

  /** Members that say where in the chain something is. */
  static Json.Content place(TransactionPlace place, long confirmations) {
    return json -> {
      json.writeNumberField("height", place.height());
      json.writeStringField("hash", place.block().toHex());
      json.writeNumberField("index", place.index());
      json.writeNumberField("confirmations", confirmations);
    };
  }

  static Json.Content found(SearchEndpoint.Found found) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("kind", found.kind());
      json.writeStringField("name", found.name());
      json.writeEndObject();
    };
  }

  static Json.Content peer(PeerInfo peer) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("id", peer.id().toString());
      json.writeStringField("address", peer.address());
      json.writeStringField("name", peer.hello().getName());
      json.writeBooleanField("outbound", peer.outbound());
      json.writeNumberField("connectedSince", peer.since().toEpochMilli());
      if (peer.roundTrip().isPresent()) {
        json.writeNumberField("roundTripMicros", peer.roundTrip().get().toNanos() / 1_000);
      } else {
        json.writeNullField("roundTripMicros");
      }
      json.writeNumberField("bytesIn", peer.bytesIn());
      json.writeNumberField("bytesOut", peer.bytesOut());
      json.writeNumberField("bytesQueued", peer.bytesQueued());
      json.writeNumberField("claimedHeight", peer.hello().getTipHeight());
      json.writeStringField(
          "claimedWork", new BigInteger(1, peer.hello().getTipWork().toByteArray()).toString());
      json.writeEndObject();
    };
  }

  static Json.Content departure(Departure departure) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("id", departure.id().toString());
      json.writeStringField("address", departure.address());
      json.writeBooleanField("outbound", departure.outbound());
      json.writeNumberField("at", departure.at().toEpochMilli());
      json.writeStringField("code", departure.reason().code().name());
      json.writeStringField("reason", departure.reason().sentence());
      json.writeEndObject();
    };
  }

  static Json.Content ban(Ban ban) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("peer", ban.subject().toString());
      json.writeNumberField("since", ban.since().toEpochMilli());
      if (ban.until().isPresent()) {
        json.writeNumberField("until", ban.until().get().toEpochMilli());
      } else {
        json.writeNullField("until");
      }
      json.writeStringField("reason", ban.reason());
      json.writeEndObject();
    };
  }

  static Json.Content dial(DialPolicy.Status dial) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("address", dial.address().toString());
      json.writeStringField("state", dial.phase().name().toLowerCase(Locale.ROOT));
      json.writeNumberField("nextTryMillis", dial.untilNextTry().toMillis());
      json.writeStringField("lastFailure", dial.lastFailure());
      json.writeEndObject();
    };
  }

  static Json.Content network(NetworkParameters network) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("name", network.name());
      json.writeStringField("genesis", network.genesisHash().toHex());
      json.writeStringField("parametersHash", network.hash().toHex());
      json.writeNumberField("genesisTime", network.genesisTime());
      json.writeNumberField("intervalMillis", network.intervalMillis());
      json.writeNumberField("halfLifeMillis", network.halfLifeMillis());
      json.writeStringField("firstBits", compactBits(network.firstBits()));
      json.writeBooleanField("fixedTarget", network.fixedTarget());
      json.writeNumberField("largestBlock", network.largestBlock());
      json.writeNumberField("expiryWindow", network.expiryWindow());
      json.writeArrayFieldStart("authors");
      for (var author : network.authors()) {
        json.writeString(author.toHex());
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  /** By key: the value as text, and where it came from. */
  static Json.Content settings(List<NodeSettings.Line> lines) {
    return json -> {
      json.writeStartObject();
      for (NodeSettings.Line line : lines) {
        json.writeObjectFieldStart(line.setting());
        json.writeStringField("value", line.value());
        json.writeStringField("origin", line.origin());
        json.writeEndObject();
      }
      json.writeEndObject();
    };
  }

  static Json.Content array(List<Json.Content> elements) {
    return json -> {
      json.writeStartArray();
      for (Json.Content element : elements) {
        element.writeTo(json);
      }
      json.writeEndArray();
    };
  }

  static Json.Content newTip(long height, BlockHash hash) {
    return json -> {
      json.writeStartObject();
      writeTip(json, height, hash);
      json.writeEndObject();
    };
  }

  private static void writeTip(JsonGenerator json, long height, BlockHash hash) throws IOException {
    json.writeNumberField("height", height);
    json.writeStringField("hash", hash.toHex());
  }

  static Json.Content reorg(
      long height, BlockHash hash, List<BlockHash> disconnected, List<BlockHash> connected) {
    return json -> {
      json.writeStartObject();
      writeTip(json, height, hash);
      writeHashes(json, "disconnected", disconnected);
      writeHashes(json, "connected", connected);
      json.writeEndObject();
    };
  }

  static void writeHashes(JsonGenerator json, String name, List<BlockHash> hashes)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (BlockHash hash : hashes) {
      json.writeString(hash.toHex());
    }
    json.writeEndArray();
  }

  /** Branches off the best chain, and the reorganisations that are remembered. */
  static Json.Content forks(
      ChainedHeader tip, List<ForkEndpoints.Branch> branches, List<RecentReorgs.Reorg> reorgs) {
    return json -> {
      json.writeStartObject();
      writeTip(json, tip.height(), tip.hash());
      json.writeStringField("work", tip.totalWork().toString());
      json.writeArrayFieldStart("forks");
      for (ForkEndpoints.Branch branch : branches) {
        writeBranch(json, branch);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("reorgs");
      for (RecentReorgs.Reorg reorg : reorgs) {
        writeReorg(json, reorg);
      }
      json.writeEndArray();
      json.writeEndObject();
    };
  }

  private static void writeBranch(JsonGenerator json, ForkEndpoints.Branch branch)
      throws IOException {
    json.writeStartObject();
    writeTip(json, branch.tip().height(), branch.tip().hash());
    json.writeStringField("work", branch.tip().totalWork().toString());
    json.writeNumberField("length", branch.length());
    json.writeNumberField("forkHeight", branch.base().height());
    json.writeStringField("forkHash", branch.base().hash().toHex());
    json.writeArrayFieldStart("blocks");
    for (ChainedHeader block : branch.blocks()) {
      json.writeStartObject();
      writeTip(json, block.height(), block.hash());
      json.writeNumberField("timestamp", block.header().timestamp());
      json.writeNumberField("transactionCount", block.header().transactionCount());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeReorg(JsonGenerator json, RecentReorgs.Reorg reorg) throws IOException {
    json.writeStartObject();
    json.writeNumberField("time", reorg.seen().toEpochMilli());
    json.writeNumberField("forkHeight", reorg.forkHeight());
    json.writeNumberField("oldHeight", reorg.before().height());
    json.writeStringField("oldHash", reorg.before().hash().toHex());
    writeTip(json, reorg.after().height(), reorg.after().hash());
    json.writeNumberField("disconnectedCount", reorg.left());
    writeHashes(json, "disconnected", reorg.disconnected());
    json.writeNumberField("connectedCount", reorg.came());
    writeHashes(json, "connected", reorg.connected());
    json.writeEndObject();
  }

  static Json.Content gap(long height, BlockHash hash, long from) {
    return json -> {
      json.writeStartObject();
      writeTip(json, height, hash);
      json.writeNumberField("from", from);
      json.writeEndObject();
    };
  }

  static Json.Content transactionChanged(TransactionId id, TransactionState state) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("id", id.toHex());
      json.writeStringField("state", state.label());
      json.writeEndObject();
    };
  }

  static Json.Content peerChanged(PeerId id, String address, boolean connected) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("id", id.toString());
      json.writeStringField("address", address);
      json.writeStringField("state", connected ? "connected" : "disconnected");
      json.writeEndObject();
    };
  }

  static Json.Content warned(String sentence) {
    return json -> {
      json.writeStartObject();
      json.writeStringField("message", sentence);
      json.writeEndObject();
    };
  }

  /** Healthy, or the reasons why not, as further members of a problem. */
  static Json.Content reasons(Optional<String> status, List<String> reasons) {
    return json -> {
      if (status.isPresent()) {
        json.writeStartObject();
        json.writeStringField("status", status.get());
      }
      json.writeArrayFieldStart("reasons");
      for (String reason : reasons) {
        json.writeString(reason);
      }
      json.writeEndArray();
      if (status.isPresent()) {
        json.writeEndObject();
      }
    };
  }
}
