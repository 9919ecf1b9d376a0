package dev.dolmen.core.store;

import static com.google.common.base.Verify.verifyNotNull;

import dev.dolmen.core.block.BlockHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A block is stored and its header is known, but the disk does not give its body back as it was.
 * Unlike other failures of the disk this one can be mended: whoever has the block may give it
 * again, with {@link StoreChange.Builder#restore}.
 */
public final class DamagedBlockException extends UncheckedIOException {

  private static final long serialVersionUID = 1L;

  /** Not there in a copy from another JVM, which nobody makes. */
  private final transient @Nullable BlockHash hash;

  /**
   * A body that cannot be read.
   *
   * @param cause says what was found
   */
  public DamagedBlockException(BlockHash hash, IOException cause) {
    super(cause.getMessage(), cause);
    this.hash = hash;
  }

  /** Whose body is damaged. */
  public BlockHash hash() {
    return verifyNotNull(hash);
  }
}
