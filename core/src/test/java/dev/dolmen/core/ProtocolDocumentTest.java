package dev.dolmen.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleProof;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.consensus.Difficulty;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.encoding.MalformedException;
import dev.dolmen.core.proof.ChainPoint;
import dev.dolmen.core.proof.Claim;
import dev.dolmen.core.proof.ProofFile;
import dev.dolmen.core.proof.ProofVerdict;
import dev.dolmen.core.signature.SigningKey;
import dev.dolmen.core.store.MemoryBlockStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/protocol.md} against the code: its values, its names and its headings. */
class ProtocolDocumentTest {
  private static final Path ROOT = projectRoot();
  private static final List<String> LINES = linesOf(ROOT.resolve("docs/protocol.md"));
  private static final String TEXT = String.join("\n", LINES);
  private static final Map<String, String> VALUES = goldenValues();

  private static final NetworkParameters DEV = NetworkParameters.dev();

  @Test
  void devHasTheseBytesAndThisGenesis() throws MalformedException {
    assertThat(Bytes.wrap(DEV.toBytes()).toHex()).isEqualTo(value("dev.parameters"));
    assertThat(NetworkParameters.fromBytes(bytes("dev.parameters"))).isEqualTo(DEV);
    assertThat(Bytes.wrap(DEV.genesis().toBytes()).toHex()).isEqualTo(value("dev.genesisHeader"));
    assertThat(DEV.genesisHash().toHex()).isEqualTo(value("dev.genesisHash"));
  }

  @Test
  void aTransactionHasTheseBytesThisIdAndThisSignature() throws MalformedException {
    SigningKey key = SigningKey.fromSeed(bytes("transaction.privateKey"));
    Transaction signed =
        Transaction.sign(
            DEV.genesisHash(),
            key.publicKey(),
            number("transaction.expiryHeight"),
            Bytes.wrap(bytes("transaction.payload")),
            key.asSigner());

    assertThat(key.publicKey().toHex()).isEqualTo(value("transaction.author"));
    assertThat(signed.id().toHex()).isEqualTo(value("transaction.id"));
    assertThat(signed.signature().toHex()).isEqualTo(value("transaction.signature"));
    assertThat(signed.leafHash().toHex()).isEqualTo(value("transaction.leaf"));
    assertThat(Bytes.wrap(signed.toBytes()).toHex()).isEqualTo(value("transaction.bytes"));
    assertThat(Transaction.fromBytes(bytes("transaction.bytes"))).isEqualTo(signed);
    assertThat(signed.signatureIsValid(DEV.genesisHash())).isTrue();
  }

  @Test
  void aBlockHasTheseBytesAndIsAdded() throws MalformedException {
    Block block = Block.fromBytes(bytes("block.bytes"));
    BlockHeader header = block.header();
    Instant now = Instant.ofEpochMilli(header.timestamp());
    Chain chain = new Chain(DEV, new MemoryBlockStore(DEV));

    assertThat(header.height()).isEqualTo(number("block.height"));
    assertThat(header.timestamp()).isEqualTo(number("block.timestamp"));
    assertThat(header.previousHash()).isEqualTo(BlockHash.fromHex(value("block.previousHash")));
    assertThat(header.merkleRoot().toHex()).isEqualTo(value("block.merkleRoot"));
    assertThat(header.nonce()).isEqualTo(number("block.nonce"));
    assertThat(block.hash().toHex()).isEqualTo(value("block.hash"));
    assertThat(block.size()).isEqualTo((int) number("block.size"));
    assertThat(Bytes.wrap(block.toBytes()).toHex()).isEqualTo(value("block.bytes"));
    assertThat(chain.add(block, now)).isInstanceOf(AddBlockResult.Added.class);
    assertThat(chain.tip().totalWork()).hasToString(value("block.totalWork"));
  }

  @Test
  void theProofsLeadToTheRoot() {
    for (String which : List.of("merkle.first", "merkle.second")) {
      List<Hash256> path =
          Splitter.on(' ').splitToStream(value(which + ".path")).map(Hash256::fromHex).toList();
      MerkleProof proof =
          new MerkleProof((int) number(which + ".index"), (int) number("merkle.leafCount"), path);

      assertThat(
              proof.leadsTo(
                  Hash256.fromHex(value("merkle.root")), Hash256.fromHex(value(which + ".leaf"))))
          .as(which)
          .isTrue();
    }
  }

  @Test
  void theProofFileIsThisAndHolds() throws MalformedException {
    byte[] file = value("proof.file").getBytes(StandardCharsets.US_ASCII);
    Claim claim =
        new Claim(
            DEV.hash(),
            Transaction.fromBytes(bytes("transaction.bytes")),
            number("block.height"),
            0,
            List.of(),
            new ChainPoint(number("block.height"), BlockHash.fromHex(value("block.hash"))));
    List<BlockHeader> headers =
        List.of(DEV.genesis().header(), Block.fromBytes(bytes("block.bytes")).header());

    assertThat(DEV.hash().toHex()).isEqualTo(value("proof.network"));
    assertThat(new ProofFile(claim, headers).toBytes()).isEqualTo(file);
    assertThat(ProofFile.check(file, DEV, Optional.empty())).isInstanceOf(ProofVerdict.Valid.class);
    assertThat(TEXT)
        .contains(String.format(Locale.ROOT, "at most %,d bytes. The anchor", ProofFile.MAX_BYTES));
  }

  @Test
  void theTargetAndTheDifficultyAreThese() {
    Target target = Target.fromCompact(bits("target.bits")).orElseThrow();
    NetworkParameters moving =
        NetworkParameters.builder("moving")
            .genesisTime(number("difficulty.genesisTime"))
            .interval(Duration.ofMillis(number("difficulty.interval")))
            .halfLife(Duration.ofMillis(number("difficulty.halfLife")))
            .firstBits(bits("difficulty.firstBits"))
            .build();

    assertThat(target.value().toHex()).isEqualTo(value("target.value"));
    assertThat(target.work()).hasToString(value("target.work"));
    assertThat(
            Difficulty.nextBits(
                moving, number("difficulty.parentHeight"), number("difficulty.parentTimestamp")))
        .isEqualTo(bits("difficulty.childBits"));
  }

  @Test
  void everyViolationIsNamed() {
    assertThat(Violation.values())
        .filteredOn(violation -> !TEXT.contains("`" + violation.name() + "`"))
        .isEmpty();
  }

  @Test
  void everyTestThatIsNamedExists() throws IOException {
    Set<String> named = new TreeSet<>();
    Matcher matcher = Pattern.compile("`([A-Z][A-Za-z0-9]+Test)`").matcher(TEXT);
    while (matcher.find()) {
      named.add(matcher.group(1) + ".java");
    }

    assertThat(named).isNotEmpty();
    try (Stream<Path> sources = sources()) {
      assertThat(sources.map(source -> String.valueOf(source.getFileName())).toList())
          .containsAll(named);
    }
  }

  @Test
  void everyPlaceThatIsReferredToIsAHeading() throws IOException {
    Set<String> headings = headings();
    Set<String> referred = anchorsIn(TEXT, Pattern.compile("\\]\\(#([a-z0-9-]+)\\)"));
    Pattern fromSources = Pattern.compile("docs/protocol\\.md#([a-z0-9-]+)");
    try (Stream<Path> sources = sources()) {
      for (Path source : sources.toList()) {
        referred.addAll(anchorsIn(String.join("\n", linesOf(source)), fromSources));
      }
    }

    assertThat(referred).contains("rules", "locator");
    assertThat(headings).containsAll(referred);
  }

  private static Set<String> anchorsIn(String text, Pattern pattern) {
    Set<String> anchors = new LinkedHashSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      anchors.add(matcher.group(1));
    }
    return anchors;
  }

  /** As the usual viewers of Markdown name them. */
  private static Set<String> headings() {
    Set<String> headings = new LinkedHashSet<>();
    for (String line : LINES) {
      if (line.startsWith("#")) {
        headings.add(
            line.replaceFirst("^#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9 -]", "")
                .replace(' ', '-'));
      }
    }
    return headings;
  }

  private static Stream<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : List.of("core", "protocol", "network", "node", "integration-tests")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
      }
    }
    return sources.stream();
  }

  private static Map<String, String> goldenValues() {
    Map<String, String> values = new LinkedHashMap<>();
    boolean inside = false;
    for (String line : LINES.subList(LINES.indexOf("## Golden vectors"), LINES.size())) {
      if (line.startsWith("```")) {
        inside = !inside;
      } else if (inside) {
        List<String> parts = Splitter.on(" = ").limit(2).splitToList(line);
        values.put(parts.get(0), parts.get(1));
      }
    }
    return values;
  }

  private static String value(String name) {
    return Objects.requireNonNull(VALUES.get(name), name + " is not among the golden vectors");
  }

  private static byte[] bytes(String name) {
    return Bytes.fromHex(value(name)).toByteArray();
  }

  private static long number(String name) {
    return Long.parseLong(value(name));
  }

  private static int bits(String name) {
    return Integer.parseUnsignedInt(value(name), 16);
  }

  private static List<String> linesOf(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tests run in their module's directory; the documents are in one above it. */
  private static Path projectRoot() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("docs/protocol.md"))) {
      directory =
          Objects.requireNonNull(directory.getParent(), "no directory above has docs/protocol.md");
    }
    return directory;
  }
}
