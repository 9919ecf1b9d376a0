package dev.dolmen.node.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.tomlj.Toml;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * A TOML file that was read whole, and complaints about it that name file, line and key.
 *
 * @param what it is, for people: {@code network file}
 */
record TomlFile(String what, Path file, TomlTable table) {

  /** Longer files were not written for us; the bound keeps a wrong path from filling memory. */
  private static final long MAX_BYTES = 4 * 1024 * 1024;

  /**
   * Reads and parses a file.
   *
   * @param flag what chose it, so that a complaint can say where to choose another
   */
  static TomlFile read(String what, String flag, Path file) throws ConfigurationException {
    TomlParseResult parsed = Toml.parse(text(what, flag, file));
    List<TomlParseError> errors = parsed.errors();
    if (!errors.isEmpty()) {
      TomlParseError first = errors.get(0);
      throw new ConfigurationException(
          what
              + " "
              + file
              + ", line "
              + first.position().line()
              + ": "
              + String.valueOf(first.getMessage()).lines().findFirst().orElse("not TOML"),
          first);
    }
    return new TomlFile(what, file, parsed);
  }

  private static String text(String what, String flag, Path file) throws ConfigurationException {
    try {
      if (Files.isDirectory(file)) {
        throw new ConfigurationException(
            what + " " + file + " is a directory; name a file with " + flag);
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new ConfigurationException(
            what + " " + file + " exceeds " + MAX_BYTES + " bytes; name another with " + flag);
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException(
          what + " " + file + " does not exist; name another with " + flag, e);
    } catch (CharacterCodingException e) {
      throw new ConfigurationException(
          what + " " + file + " is not text in UTF-8; name another with " + flag, e);
    } catch (IOException e) {
      throw new ConfigurationException(
          what
              + " "
              + file
              + " cannot be read ("
              + e.getClass().getSimpleName()
              + "); give this user the right to, or name another with "
              + flag,
          e);
    }
  }

  /** What is wrong with one key, with its line where it has one. */
  ConfigurationException complaint(String key, String wrong) {
    TomlPosition position = table.inputPositionOf(List.of(key));
    String place = position == null ? "" : ", line " + position.line();
    return new ConfigurationException(what + " " + file + place + ": '" + key + "' " + wrong);
  }
}
