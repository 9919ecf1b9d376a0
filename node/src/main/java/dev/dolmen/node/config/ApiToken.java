package dev.dolmen.node.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dolmen.network.identity.OwnersOnly;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;

/**
 * The secret that whoever uses an API has to know: one line of a file that only its owner may read.
 * It is read once, at the start.
 */
public final class ApiToken {

  /** Shorter ones can be guessed; 32 hex digits are 128 bits. */
  public static final int MIN_CHARACTERS = 32;

  /** Longer ones leave too little room for other headers. */
  public static final int MAX_CHARACTERS = 512;

  private static final Set<PosixFilePermission> OF_THE_OWNER =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final String text;

  private ApiToken(String text) {
    this.text = text;
  }

  /**
   * Reads the file that holds a token.
   *
   * @throws ConfigurationException if it is not there, may be read by others, or holds no token
   */
  public static ApiToken read(Path file) throws ConfigurationException {
    byte[] bytes;
    try {
      Optional<String> isOpen = OwnersOnly.complaint(file, "token file", OF_THE_OWNER);
      if (isOpen.isPresent()) {
        throw new ConfigurationException(isOpen.get());
      }
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_CHARACTERS + 3); // A line end may follow it.
      }
    } catch (NoSuchFileException e) {
      throw new ConfigurationException(
          "token file "
              + file
              + " does not exist; make it with: (umask 077 && openssl rand -hex 32 > "
              + file
              + ")",
          e);
    } catch (IOException e) {
      throw new ConfigurationException(
          "token file "
              + file
              + " cannot be read ("
              + e.getClass().getSimpleName()
              + "); run as the user who owns it",
          e);
    }
    String text = new String(bytes, UTF_8).stripTrailing();
    if (text.length() < MIN_CHARACTERS
        || text.length() > MAX_CHARACTERS
        || text.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
      throw new ConfigurationException(
          "token file "
              + file
              + " must hold "
              + MIN_CHARACTERS
              + " to "
              + MAX_CHARACTERS
              + " visible ASCII characters on one line, as made by: openssl rand -hex 32");
    }
    return new ApiToken(text);
  }

  /** What {@code Authorization} has to say. */
  public String header() {
    return "Bearer " + text;
  }

  /**
   * Whether a request's {@code Authorization} says it; takes as long for a near miss as for none.
   */
  public boolean isIn(String authorization) {
    int space = authorization.indexOf(' ');
    return space > 0
        && authorization.substring(0, space).equalsIgnoreCase("Bearer")
        && MessageDigest.isEqual(
            text.getBytes(UTF_8), authorization.substring(space + 1).strip().getBytes(UTF_8));
  }

  @Override
  public String toString() {
    return "ApiToken[secret]";
  }
}
