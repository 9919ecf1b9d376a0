package dev.dolmen.fuzz;

import com.google.protobuf.ByteString;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetPeers;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.Limits;
import dev.dolmen.protocol.PeerAddress;
import dev.dolmen.protocol.Peers;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Pong;
import dev.dolmen.protocol.Refusal;
import dev.dolmen.protocol.Response;
import java.util.List;

/** Good values that mutations begin from. */
public final class Samples {

  private static final Transaction ONE = Blocks.transaction("alice", "one", 100);
  private static final Transaction TWO = Blocks.transaction("bob", "", 101);

  /** With two entries. */
  public static final Block BLOCK =
      Blocks.childOf(Blocks.genesis()).withTransactions(ONE, TWO).build();

  private Samples() {}

  /** Some entries. */
  public static List<Transaction> transactions() {
    return List.of(ONE, TWO);
  }

  /** Accepted by a node of the network {@code dev}. */
  public static Envelope hello() {
    return Envelope.newBuilder()
        .setHello(
            Hello.newBuilder()
                .setProtocolVersion(Limits.PROTOCOL_VERSION)
                .setNetwork(Wire.bytes(NetworkParameters.dev().genesisHash().value()))
                .setListeningPort(8555)
                .setTipHeight(7)
                .setTipWork(ByteString.copyFrom(new byte[] {1, 2}))
                .setName("mallory"))
        .build();
  }

  /** One of each kind and each answer. */
  public static List<Envelope> envelopes() {
    Locator locator = new Locator(List.of(BLOCK.hash(), Blocks.genesis().hash()));
    ByteString tip = Wire.bytes(BLOCK.hash().value());
    return List.of(
        hello(),
        Envelope.newBuilder()
            .setRequestId(Limits.FIRST_KEEPALIVE_REQUEST_ID)
            .setPing(Ping.newBuilder().setTipHash(tip))
            .build(),
        Envelope.newBuilder().setRequestId(3).setPong(Pong.newBuilder().setTipHash(tip)).build(),
        Wire.latestBlock(4),
        Wire.allBlocks(5, locator),
        Wire.getHeaders(6, locator, 100),
        Wire.getBlocks(7, List.of(BLOCK.hash())),
        Wire.getTransactions(8, List.of(ONE.id(), TWO.id())),
        Wire.getTransactions(9, BLOCK.hash(), List.of(0, 1)),
        Envelope.newBuilder().setRequestId(10).setGetPeers(GetPeers.getDefaultInstance()).build(),
        Wire.blocks(11, List.of(BLOCK, Blocks.genesis()), true),
        Wire.headers(12, List.of(BLOCK.header(), Blocks.genesis().header())),
        Wire.transactions(13, List.of(ONE, TWO), false),
        Wire.refusal(14, Refusal.Reason.CANNOT_SERVE, "not here"),
        Envelope.newBuilder()
            .setRequestId(15)
            .setResponse(
                Response.newBuilder()
                    .setPeers(
                        Peers.newBuilder()
                            .addPeers(
                                PeerAddress.newBuilder()
                                    .setAddress(ByteString.copyFrom(new byte[] {127, 0, 0, 1}))
                                    .setPort(8555))))
            .build(),
        Wire.newBlock(BLOCK, List.of(0, 1)),
        Wire.newTransactions(List.of(ONE.id())));
  }
}
