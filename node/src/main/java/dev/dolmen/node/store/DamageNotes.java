package dev.dolmen.node.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.store.BlockStore;
import dev.dolmen.node.disk.WholeFile;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known to be damaged: blocks without a sound body, and whether the database's tables hold
 * something unreadable. Remembered in a short text file, so that the next start mends the tables
 * and goes on asking for the blocks. There is no file while all is well.
 *
 * <p>Any thread may find damage. What the file says is never believed: it only says where to look.
 */
final class DamageNotes {

  private static final Logger log = LoggerFactory.getLogger(DamageNotes.class);

  private static final String TABLES = "tables";
  private static final String BLOCK = "block ";

  private final Path file;
  private final Set<BlockHash> blocks = new LinkedHashSet<>();
  private boolean tables;

  /** What {@link #blocks} begins with; read without the lock. */
  private volatile List<BlockHash> first = List.of();

  private DamageNotes(Path file) {
    this.file = file;
  }

  /** What was noted before; lines that are not ours are left out. */
  static DamageNotes read(Path file) throws IOException {
    DamageNotes notes = new DamageNotes(file);
    if (Files.isRegularFile(file)) {
      for (String line : new String(Files.readAllBytes(file), UTF_8).lines().toList()) {
        if (line.equals(TABLES)) {
          notes.tables = true;
        } else if (line.matches(BLOCK + "[0-9a-f]{64}")) {
          notes.blocks.add(new BlockHash(Hash256.fromHex(line.substring(BLOCK.length()))));
        }
      }
    }
    notes.show();
    return notes;
  }

  /** Whether the tables must be rewritten. */
  synchronized boolean tablesAreDamaged() {
    return tables;
  }

  /** The blocks that were found first, at most {@link BlockStore#MAX_DAMAGED_BLOCKS}. */
  List<BlockHash> firstBlocks() {
    return first;
  }

  /** All of them. */
  synchronized List<BlockHash> blocks() {
    return List.copyOf(blocks);
  }

  /** A block has no body, or none that can be read. */
  synchronized void blockIsDamaged(BlockHash hash) {
    if (blocks.add(hash)) {
      show();
      append(BLOCK + hash);
    }
  }

  /**
   * Something in the tables cannot be read.
   *
   * @return whether that is news
   */
  synchronized boolean tableIsDamaged() {
    boolean news = !tables;
    if (news) {
      tables = true;
      append(TABLES);
    }
    return news;
  }

  /** These blocks are whole again, or gone. */
  synchronized void areHealed(Collection<BlockHash> hashes) {
    if (!blocks.isEmpty() && blocks.removeAll(Set.copyOf(hashes))) {
      show();
      if (blocks.isEmpty()) {
        rewrite();
      }
    }
  }

  /** The tables are new, and lack these blocks. */
  synchronized void tablesAreNew(Collection<BlockHash> missing) {
    tables = false;
    blocks.clear();
    blocks.addAll(missing);
    show();
    rewrite();
  }

  private void show() {
    first = blocks.stream().limit(BlockStore.MAX_DAMAGED_BLOCKS).toList();
  }

  /** A line at the end; a crash that tears it costs that the damage is found once more. */
  private void append(String line) {
    try (FileOutputStream out = new FileOutputStream(file.toFile(), true)) {
      out.write((line + '\n').getBytes(UTF_8));
    } catch (IOException e) {
      notNoted(e);
    }
  }

  /** To be called at the end, too: what is healed is only struck out now. */
  synchronized void rewrite() {
    try {
      if (!tables && blocks.isEmpty()) {
        Files.deleteIfExists(file);
        return;
      }
      StringBuilder text = new StringBuilder(tables ? TABLES + '\n' : "");
      blocks.forEach(hash -> text.append(BLOCK).append(hash).append('\n'));
      WholeFile.replace(file, text.toString());
    } catch (IOException e) {
      notNoted(e);
    }
  }

  private void notNoted(IOException e) {
    log.warn("cannot note in {} what is damaged; it will be found again: {}", file, e.getMessage());
  }
}
