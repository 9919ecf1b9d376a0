package dev.dolmen.node.store;

import static com.google.common.base.Verify.verifyNotNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.chain.AddBlockResult;
import dev.dolmen.core.chain.Chain;
import dev.dolmen.core.chain.StoreAudit;
import dev.dolmen.core.consensus.NetworkParameters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stores as the programs of their time wrote them: five blocks with an entry each, and one block
 * aside. {@code store-format-N.zip} was made by the last program that wrote format N.
 */
final class OldFormatsTest {

  private static final NetworkParameters DEV = NetworkParameters.dev();

  /** The fifth block. */
  private static final String TIP =
      "1e86dfdffec8cf2cd43dc54857f47bd1c04a26285c88c67f382d86dd9071d0d5";

  private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anOlderStoreIsOpenedWholeBecomesThisFormatAndGrows(int format) throws IOException {
    unpack("store-format-" + format + ".zip");
    Path chain = directory.resolve("chain");
    assertThat(chain.resolve(DataDirectory.FORMAT_FILE)).content().startsWith("dolmen " + format);

    try (RocksBlockStore store = RocksBlockStore.openMended(chain, DEV)) {
      assertThat(new StoreAudit(DEV, store).run(height -> {})).isEqualTo(Optional.empty());
      assertThat(store.tip().hash()).hasToString(TIP);
      assertThat(store.byAuthor(Blocks.ALICE.publicKey(), 0, 10)).hasSize(5);
      assertThat(store.sideBlocks()).hasSize(format == 1 ? 0 : 1);
      Block next = Blocks.childOf(store.block(store.tip().hash()).orElseThrow()).build();
      assertThat(new Chain(DEV, store).add(next, NOW)).isInstanceOf(AddBlockResult.Added.class);
    }
    assertThat(chain.resolve(DataDirectory.FORMAT_FILE))
        .content()
        .startsWith("dolmen " + DataDirectory.FORMAT);
    try (RocksBlockStore store = RocksBlockStore.open(chain, DEV)) {
      assertThat(store.tip().height()).isEqualTo(6);
      assertThat(new StoreAudit(DEV, store).run(height -> {})).isEqualTo(Optional.empty());
    }
  }

  private void unpack(String name) throws IOException {
    try (InputStream packed = verifyNotNull(OldFormatsTest.class.getResourceAsStream(name));
        ZipInputStream zip = new ZipInputStream(packed)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = directory.resolve(entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.copy(zip, file);
        }
      }
    }
  }
}
