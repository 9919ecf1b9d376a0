package dev.dolmen.network.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Files that hold a secret: nobody but their owner may look into them. */
public final class OwnersOnly {

  private OwnersOnly() {}

  /**
   * What is wrong with a file's permissions, and what to do about it; empty if nothing is, or if
   * the file system has no modes and its own access lists decide.
   *
   * @param name what the file is, for people, such as {@code "token file"}
   * @param allowed what the permissions may be at most
   * @throws IOException if the permissions cannot be read
   */
  public static Optional<String> complaint(Path file, String name, Set<PosixFilePermission> allowed)
      throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view == null) {
      return Optional.empty();
    }
    Set<PosixFilePermission> permissions = view.readAttributes().permissions();
    return allowed.containsAll(permissions)
        ? Optional.empty()
        : Optional.of(
            name
                + " "
                + file
                + " is open to other users ("
                + PosixFilePermissions.toString(permissions)
                + "). Close it with: chmod 600 "
                + file);
  }
}
