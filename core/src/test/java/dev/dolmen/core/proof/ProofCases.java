package dev.dolmen.core.proof;

import static dev.dolmen.core.Blocks.ALICE;
import static dev.dolmen.core.Blocks.BOB;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.SigningKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Files that hold and files that do not, each with what is said of it. Always the same ones. */
final class ProofCases {
  private static final NetworkParameters DEV = NetworkParameters.dev();
  private static final NetworkParameters CLOSED =
      DEV.toBuilder().authors(List.of(ALICE.publicKey())).build();
  private static final NetworkParameters MOVING = Blocks.retargeting();
  private static final Hash256 NOTHING = Hash256.ZERO;

  private final List<ProofCase> cases = new ArrayList<>();

  private ProofCases() {}

  static List<ProofCase> all() {
    ProofCases all = new ProofCases();
    all.addValid();
    all.addForms();
    all.addEntries();
    all.addPaths();
    all.addAnchors();
    all.addHeaders();
    return all.cases;
  }

  /** The case with this name. */
  static ProofCase named(String name) {
    return all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  /** A chain with one entry of Alice's in its second block, as most cases begin. */
  static Sample invoice() {
    return Sample.on(DEV).empty(1).block(ALICE, "invoice 17 paid").empty(3);
  }

  private void addValid() {
    valid("an entry alone in its block", invoice());
    valid("the fifth of seven entries", sevenEntries());
    valid("the last of seven entries, whose way up skips a level", sevenEntries().entry(6));
    valid("an entry in the tip", Sample.on(DEV).block(ALICE, "just now"));
    valid("a text that is not English", Sample.on(DEV).block(BOB, "Stein auf Stein – \u77f3 \"\\"));
    valid("an empty payload", Sample.on(DEV).block(BOB, ""));
    valid(
        "bytes that are no text",
        Sample.on(DEV).block(List.of(signed(DEV, BOB, Bytes.fromHex("00ff80c1"), 9))));
    valid("more than eleven blocks from genesis", longChain());
    valid("a network with a list of authors", Sample.on(CLOSED).block(ALICE, "mine").empty(1));
    valid("a network whose target moves", moving());
    Sample late = longChain().from(3);
    valid("a checkpoint, with more than eleven blocks after it", late, late.anchor());
    Sample own = longChain().from(5).to(5);
    valid("the entry's own block as checkpoint and tip", own, own.anchor());
    valid("from genesis through a checkpoint", invoice(), invoice().from(4).anchor());
    valid("an expiry at the block's height", expiring(1));
    valid("an expiry 256 above the block's height", expiring(257));
  }

  private static Sample sevenEntries() {
    List<Transaction> seven = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      seven.add(signed(DEV, i % 2 == 0 ? ALICE : BOB, Bytes.fromHex("0" + i), 20));
    }
    return Sample.on(DEV).block(seven).entry(4).empty(1);
  }

  private static Sample longChain() {
    return Sample.on(DEV).empty(4).block(ALICE, "deep down").empty(10);
  }

  private static Sample moving() {
    return Sample.on(MOVING).empty(1).block(ALICE, "worked for").empty(2);
  }

  private static Sample expiring(long expiry) {
    return Sample.on(DEV).block(List.of(signed(DEV, ALICE, Bytes.fromHex("07"), expiry)));
  }

  private void addForms() {
    form("nothing at all", file -> "");
    form("a text", file -> "VALID");
    form("JSON of another kind", file -> "{\"valid\":true}");
    form("cut in the middle", file -> file.substring(0, file.length() / 2));
    form("without its last byte", file -> file.substring(0, file.length() - 1));
    form("a line end behind it", file -> file + "\n");
    form("twice", file -> file + file);
    form("a space after a colon", file -> file.replace("\"index\":", "\"index\": "));
    form("a byte order mark", file -> "\u00ef\u00bb\u00bf" + file);
    form("upper-case hex", file -> file.replaceFirst("(\"network\":\")(.)", "$1A"));
    form(
        "upper-case hex in a header",
        file -> file.substring(0, file.length() - 203) + upper(file, file.length() - 203));
    form("a leading zero", file -> file.replace("\"height\":2,", "\"height\":02,"));
    form("a sign", file -> file.replace("\"height\":2,", "\"height\":+2,"));
    form("a fraction", file -> file.replace("\"height\":2,", "\"height\":2.0,"));
    form(
        "a height of 2^63",
        file -> file.replace("\"height\":2,", "\"height\":" + "9223372036854775808,"));
    form("an index of 2^31", file -> file.replace("\"index\":0", "\"index\":2147483648"));
    form("a field twice", file -> file.replace(",\"path\"", ",\"index\":0,\"path\""));
    form(
        "fields in another order",
        file -> file.replace("\"height\":2,\"index\":0", "\"index\":0,\"height\":2"));
    form("a field nobody knows", file -> file.replace("]}", "],\"note\":\"\"}"));
    form("a field left out", file -> file.replace(",\"index\":0", ""));
    form("an escaped quote for a field", file -> file.replace("\"kind\"", "\"\\u006bind\""));
    form("a proof of a later kind", file -> file.replace(ProofFile.KIND, "dolmen/proof/2"));
    form("a hash too short", file -> file.replaceFirst("(\"network\":\")..", "$1"));
    form("a hash too long", file -> file.replaceFirst("(\"network\":\")", "$100"));
    form(
        "an entry of version 2",
        file -> file.replace("\"transaction\":\"01", "\"transaction\":\"02"));
    form("half a byte in the entry", file -> file.replaceFirst("\",\"height\"", "0\",\"height\""));
    form("an entry cut short", file -> file.replaceFirst("..\",\"height\"", "\",\"height\""));
    form("no headers", file -> file.replaceFirst("\\[\"[^]]*]}", "[]}"));
    form("32 hashes in the path", file -> file.replace("[]", path(32)));
    form(
        "a header with a nonce of 2^63",
        file -> file.substring(0, file.length() - 19) + "8000000000000000\"]}");
    form("letters that are not ASCII", file -> file.replace("kind", "k\u00efnd"));
  }

  private static String upper(String file, int from) {
    return file.substring(from).replace('a', 'A').replace('c', 'C').replace('f', 'F');
  }

  private static String path(int length) {
    return "[\"" + String.join("\",\"", Collections.nCopies(length, NOTHING.toHex())) + "\"]";
  }

  private void addEntries() {
    broken(
        "a file of another network",
        ProofStep.NETWORK,
        new ProofCase("", DEV, Optional.empty(), moving().text(), Optional.empty()));
    Sample stranger = Sample.on(CLOSED).block(BOB, "let me in");
    broken("an author who may not write", ProofStep.AUTHOR, stranger.against(CLOSED));
    broken(
        "another payload",
        ProofStep.SIGNATURE,
        invoice().changed(file -> file.replace(hex("invoice 17"), hex("invoice 71"))).against(DEV));
    broken(
        "another author",
        ProofStep.SIGNATURE,
        invoice()
            .changed(file -> file.replace(ALICE.publicKey().toHex(), BOB.publicKey().toHex()))
            .against(DEV));
    broken(
        "another expiry",
        ProofStep.SIGNATURE,
        invoice()
            .changed(
                file ->
                    file.replace("0000000000000016" + "0000000f", "0000000000000017" + "0000000f"))
            .against(DEV));
    broken(
        "signed for another network",
        ProofStep.SIGNATURE,
        Sample.on(DEV).block(List.of(signed(MOVING, ALICE, Bytes.fromHex("07"), 9))).against(DEV));
    broken("expired before its block", ProofStep.EXPIRY, expiring(0).against(DEV));
    broken("expires too late", ProofStep.EXPIRY, expiring(258).against(DEV));
    broken("a block below the anchor", ProofStep.BLOCK, below().against(DEV, below().anchor()));
    broken("a block above the tip", ProofStep.BLOCK, invoice().atHeight(6).against(DEV));
    broken("a block without entries", ProofStep.BLOCK, invoice().atHeight(3).against(DEV));
    broken("genesis as its block", ProofStep.BLOCK, invoice().atHeight(0).against(DEV));
    broken("more than its block has", ProofStep.BLOCK, sevenEntries().atIndex(7).against(DEV));
  }

  private static Sample below() {
    return invoice().from(3);
  }

  private void addPaths() {
    Sample seven = sevenEntries();
    List<Hash256> path = seven.path();
    broken("its neighbour's place", ProofStep.PATH, seven.atIndex(5).against(DEV));
    broken("a place of another length", ProofStep.PATH, seven.atIndex(6).against(DEV));
    broken("a path cut short", ProofStep.PATH, seven.withPath(path.subList(0, 2)).against(DEV));
    broken(
        "an inner node as if it were the leaf",
        ProofStep.PATH,
        seven.atIndex(2).withPath(path.subList(1, 3)).against(DEV));
    broken(
        "a path too long",
        ProofStep.PATH,
        seven.withPath(List.of(path.get(0), path.get(1), path.get(2), NOTHING)).against(DEV));
    broken(
        "a path in another order",
        ProofStep.PATH,
        seven.withPath(List.of(path.get(1), path.get(0), path.get(2))).against(DEV));
    broken(
        "a path of zeros",
        ProofStep.PATH,
        seven.withPath(List.of(NOTHING, NOTHING, NOTHING)).against(DEV));
    broken("another entry's path", ProofStep.PATH, invoice().withPath(path).against(DEV));
    broken(
        "a count with which an inner node would be a leaf",
        ProofStep.PATH,
        innerNodeAsLeaf().against(DEV));
    broken(
        "an entry that the block does not have",
        ProofStep.PATH,
        invoice().claiming(signed(DEV, ALICE, Bytes.fromHex("07"), 20)).against(DEV));
  }

  /** Four entries below the root, of which the header counts two. */
  private static Sample innerNodeAsLeaf() {
    List<Transaction> four = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      four.add(signed(DEV, ALICE, Bytes.fromHex("0" + i), 20));
    }
    List<Hash256> leaves = four.stream().map(Transaction::leafHash).toList();
    Block block =
        Blocks.childOf(Blocks.genesis()).withTransactions(four).withTransactionCount(2).build();
    Sample sample = Sample.on(DEV).header(block.header()).claiming(four.get(0)).atHeight(1);
    return sample.withPath(List.of(MerkleTree.nodeHash(leaves.get(2), leaves.get(3))));
  }

  private void addAnchors() {
    Sample late = longChain().from(3);
    broken("a checkpoint that nobody trusts", ProofStep.ANCHOR, late.against(DEV));
    broken(
        "another checkpoint at that height",
        ProofStep.ANCHOR,
        late.against(DEV, new ChainPoint(3, Blocks.genesis().hash())));
    broken("a later checkpoint", ProofStep.ANCHOR, late.against(DEV, longChain().from(4).anchor()));
    broken(
        "genesis as checkpoint of a file that begins later",
        ProofStep.ANCHOR,
        late.against(DEV, longChain().anchor()));
    broken(
        "from genesis past another checkpoint",
        ProofStep.ANCHOR,
        invoice().against(DEV, new ChainPoint(3, Blocks.genesis().hash())));
    broken(
        "from genesis to before the checkpoint",
        ProofStep.ANCHOR,
        invoice().against(DEV, new ChainPoint(6, Blocks.genesis().hash())));
    broken("another genesis of the same rules", ProofStep.ANCHOR, otherGenesis().against(DEV));
    Sample idle = cheapCheckpoint(2, true);
    broken("a checkpoint of version 2", ProofStep.ANCHOR, idle.against(DEV, idle.anchor()));
    Sample cheap = cheapCheckpoint(1, false);
    broken("a checkpoint without work", ProofStep.ANCHOR, cheap.against(DEV, cheap.anchor()));
  }

  private static Sample otherGenesis() {
    BlockHeader genesis = Blocks.genesis().header();
    BlockHeader other = genesis.withNonce(1);
    return Sample.startingAt(DEV, other).block(ALICE, "elsewhere");
  }

  private static Sample cheapCheckpoint(int version, boolean worked) {
    Transaction entry = signed(DEV, ALICE, Bytes.fromHex("07"), 9);
    Blocks.Builder builder =
        Blocks.childOf(Blocks.genesis()).withVersion(version).withTransactions(entry);
    Block block = worked ? builder.build() : builder.buildWithoutWork();
    return Sample.startingAt(DEV, block.header()).claiming(entry).atHeight(1);
  }

  private void addHeaders() {
    header("a header without work", last -> Blocks.childOf(last).buildWithoutWork());
    header("a header of version 2", last -> Blocks.childOf(last).withVersion(2).build());
    header("a height that skips one", last -> Blocks.childOf(last).withHeight(7).build());
    header("an easier target", last -> Blocks.childOf(last).withBits(0x207ffffe).build());
    header("bits that are no target", last -> Blocks.childOf(last).withBits(0x20800000).build());
    header(
        "a time at the median",
        last -> Blocks.childOf(last).withTime(last.timestamp() - 2_000).build());
    header(
        "another parent",
        last ->
            Blocks.childOf(Blocks.genesis())
                .withHeight(last.height() + 1)
                .withTime(last.timestamp() + 1_000)
                .build());
    broken("a header left out", ProofStep.HEADER, invoice().without(3).against(DEV));
    broken("a header twice", ProofStep.HEADER, invoice().twice(3).against(DEV));
    Sample late = longChain().from(3);
    BlockHeader early =
        Blocks.childOf(late.last()).withTime(late.last().timestamp() - 5_000).build().header();
    Sample timed = late.header(early);
    broken("a time at the median of eleven", ProofStep.HEADER, timed.against(DEV, late.anchor()));
    Sample few = longChain().from(3).to(12);
    BlockHeader unjudged =
        Blocks.childOf(few.last()).withTime(few.last().timestamp() - 8_000).build().header();
    valid("a time that ten blocks cannot judge", few.header(unjudged), few.anchor());
    Sample easier = moving();
    BlockHeader tooEasy =
        Blocks.on(MOVING).after(easier.last()).withBits(0x2000fffe).build().header();
    broken(
        "another target than the rule's", ProofStep.HEADER, easier.header(tooEasy).against(MOVING));
    broken(
        "a tip of another height",
        ProofStep.TIP,
        invoice().withTip(new ChainPoint(4, invoice().last().hash())).against(DEV));
    broken(
        "a tip of another hash",
        ProofStep.TIP,
        invoice().withTip(new ChainPoint(5, Blocks.genesis().hash())).against(DEV));
    broken(
        "the last header cut off",
        ProofStep.TIP,
        invoice().withTip(ChainPoint.of(invoice().last())).to(4).against(DEV));
  }

  private interface Forger {
    Block after(BlockHeader last);
  }

  private void header(String name, Forger forger) {
    Sample sample = invoice();
    BlockHeader forged = forger.after(sample.last()).header();
    broken(name, ProofStep.HEADER, sample.header(forged).against(DEV));
  }

  private void valid(String name, Sample sample) {
    cases.add(sample.against(sample.network()).named(name, Optional.empty()));
  }

  private void valid(String name, Sample sample, ChainPoint checkpoint) {
    cases.add(sample.against(sample.network(), checkpoint).named(name, Optional.empty()));
  }

  private void broken(String name, ProofStep step, ProofCase forged) {
    cases.add(forged.named(name, Optional.of(step)));
  }

  private void form(String name, UnaryOperator<String> change) {
    String file = invoice().text();
    String changed = change.apply(file);
    if (changed.equals(file)) {
      throw new IllegalStateException(name + " changes nothing");
    }
    broken(
        name, ProofStep.FORM, new ProofCase("", DEV, Optional.empty(), changed, Optional.empty()));
  }

  private static String hex(String text) {
    return ProofCase.hex(text.getBytes(ISO_8859_1));
  }

  private static Transaction signed(
      NetworkParameters network, SigningKey author, Bytes payload, long expiry) {
    return Blocks.on(network).signed(author, payload, expiry);
  }
}
