package dev.dolmen.node.api;

import static com.google.common.base.Verify.verifyNotNull;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Which Dolmen this is; the build writes it into a resource. */
final class Version {

  private Version() {}

  static String read() {
    try {
      return Resources.toString(
              verifyNotNull(
                  Version.class.getResource("version.txt"), "version.txt is not built in"),
              UTF_8)
          .strip();
    } catch (IOException e) {
      throw new UncheckedIOException("the program's own files cannot be read", e);
    }
  }
}
