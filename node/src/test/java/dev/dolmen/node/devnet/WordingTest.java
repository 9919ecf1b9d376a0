package dev.dolmen.node.devnet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.chain.Locator;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.AllBlocks;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.GetPeers;
import dev.dolmen.protocol.GetTransactions;
import dev.dolmen.protocol.Hello;
import dev.dolmen.protocol.PeerAddress;
import dev.dolmen.protocol.Peers;
import dev.dolmen.protocol.Ping;
import dev.dolmen.protocol.Pong;
import dev.dolmen.protocol.Refusal;
import dev.dolmen.protocol.Response;
import dev.dolmen.protocol.Transaction;
import dev.dolmen.protocol.Transactions;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WordingTest {

  private static final BlockHash KNOWN = hash(0x3fa9_0000_0000_0000L);
  private static final BlockHash UNKNOWN = hash(0xbeef_0000_0000_0000L);
  private static final TransactionId ENTRY = new TransactionId(KNOWN.value());

  private final Set<Envelope.BodyCase> worded = EnumSet.noneOf(Envelope.BodyCase.class);
  private final Wording wording =
      new Wording(hash -> hash.equals(KNOWN) ? OptionalLong.of(41) : OptionalLong.empty());

  @Test
  void hasWordsForEveryMessage() {
    List<Block> blocks = Blocks.chain(3);
    Block block = blocks.get(1);
    String shortHash = block.hash().toHex().substring(0, 4) + "…";

    says(
        Envelope.newBuilder().setHello(Hello.newBuilder().setTipHeight(12)),
        "hello, my latest block is 12");
    says(
        Envelope.newBuilder().setPing(Ping.newBuilder().setTipHash(bytes(KNOWN))),
        "are you there? My latest block is 41 (3fa9…)");
    says(
        Envelope.newBuilder().setPong(Pong.newBuilder().setTipHash(bytes(UNKNOWN))),
        "I am here. My latest block is beef…");
    says(Wire.latestBlock(1), "what is your latest block?");
    says(Wire.allBlocks(1, new Locator(List.of(KNOWN))), "all blocks after 41");
    says(Wire.getHeaders(1, new Locator(List.of(UNKNOWN)), 5), "all headers after beef…");
    says(Wire.getBlocks(1, List.of(KNOWN)), "give me block 3fa9…");
    says(
        Wire.getBlocks(1, List.of(KNOWN, UNKNOWN, KNOWN, KNOWN)),
        "give me 4 blocks: 3fa9…, beef…, 3fa9…, …");
    says(Wire.getTransactions(1, List.of(ENTRY)), "give me entry 3fa9…");
    says(Wire.getTransactions(1, KNOWN, List.of(0, 7)), "give me 2 entries of block 3fa9…");
    says(
        Envelope.newBuilder().setGetPeers(GetPeers.getDefaultInstance()), "whom else do you know?");
    says(Wire.newBlock(block, List.of()), "a new block " + block.height() + " (" + shortHash + ")");
    says(Wire.newTransactions(List.of(ENTRY)), "new: entry 3fa9…");
    says(Envelope.newBuilder().setRequestId(9), "something that this version does not know");
    says(Wire.blocks(1, List.of(), false), "I have no such block");
    says(
        Wire.blocks(1, List.of(block), true),
        "here is block " + block.height() + " (" + shortHash + "), and more to come");

    assertThat(worded).isEqualTo(EnumSet.allOf(Envelope.BodyCase.class));
  }

  @Test
  void tellsWhatIsAnswered() {
    List<Block> blocks = Blocks.chain(3);
    long first = blocks.get(0).height();
    says(
        Wire.blocks(1, blocks, false),
        "here are blocks " + first + " to " + (first + blocks.size() - 1));
    says(
        Wire.headers(1, List.of(blocks.get(0).header(), blocks.get(2).header())),
        "here are 2 headers");
    says(Wire.headers(1, List.of()), "I have no such header");
    says(answer(Response.newBuilder().setTransactions(entries())), "I have no such entry");
    says(
        answer(Response.newBuilder().setTransactions(entries("invoice 17 paid"))),
        "here is the entry “invoice 17 paid”");
    says(
        answer(Response.newBuilder().setTransactions(entries("a", "b", "c", "d"))),
        "here are 4 entries: “a”, “b”, “c”, …");
    says(answer(Response.newBuilder().setPeers(Peers.getDefaultInstance())), "I know nobody else");
    says(
        answer(
            Response.newBuilder()
                .setPeers(Peers.newBuilder().addPeers(PeerAddress.getDefaultInstance()))),
        "I know one other");
    says(Wire.refusal(1, Refusal.Reason.CANNOT_SERVE, "not now"), "no: not now");
    says(
        answer(Response.newBuilder().setRefusal(Refusal.newBuilder().setMessage("I am stopping")))
            .setRequestId(0),
        "goodbye: I am stopping");
    says(answer(Response.newBuilder()), "an answer that this version does not know");
  }

  @Test
  void callsNonsenseWhatIsMalformed() {
    says(
        Envelope.newBuilder()
            .setAllBlocks(AllBlocks.newBuilder().addLocator(ByteString.copyFromUtf8("short"))),
        "nonsense: block hash of 5 bytes, not 32");
    says(
        Envelope.newBuilder()
            .setGetTransactions(
                GetTransactions.newBuilder().addIds(ByteString.copyFromUtf8("short"))),
        "nonsense: a hash of 5 bytes");
  }

  @Test
  void shortensAndCleansWhatSomebodyWrote() {
    String longText = "x".repeat(Wording.MAX_QUOTED_CHARS);
    assertThat(quoted(longText.getBytes(UTF_8))).isEqualTo("“" + longText + "”");
    assertThat(quoted((longText + "y").getBytes(UTF_8))).isEqualTo("“" + longText + "…”");
    assertThat(quoted("a\u202eb\nc\u001b[31m".getBytes(UTF_8))).isEqualTo("“a b c [31m”");
    assertThat(quoted(new byte[] {(byte) 0xff, 0})).isEqualTo("of 2 bytes");
    assertThat(quoted(new byte[0])).isEqualTo("“”");
    assertThat(quoted("ü".repeat(50_000).getBytes(UTF_8)))
        .isEqualTo("“" + "ü".repeat(Wording.MAX_QUOTED_CHARS) + "…”");
  }

  private static String quoted(byte[] payload) {
    return Wording.payload(ByteString.copyFrom(payload));
  }

  private void says(Envelope.Builder envelope, String words) {
    says(envelope.build(), words);
  }

  private void says(Envelope envelope, String words) {
    worded.add(envelope.getBodyCase());
    assertThat(wording.of(envelope)).isEqualTo(words);
  }

  private static Envelope.Builder answer(Response.Builder response) {
    return Envelope.newBuilder().setRequestId(1).setResponse(response);
  }

  private static Transactions.Builder entries(String... payloads) {
    Transactions.Builder entries = Transactions.newBuilder();
    for (String payload : payloads) {
      entries.addTransactions(
          Transaction.newBuilder().setPayload(ByteString.copyFromUtf8(payload)));
    }
    return entries;
  }

  private static ByteString bytes(BlockHash hash) {
    return Wire.bytes(hash.value());
  }

  private static BlockHash hash(long beginning) {
    return new BlockHash(new Hash256(beginning, 0, 0, 0));
  }
}
