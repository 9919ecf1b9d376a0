package dev.dolmen.node.config;

import dev.dolmen.node.config.Setting.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads settings of a node from TOML: the flags' names without dashes as keys, no tables. */
final class ConfigFile {

  private static final int MOST_TYPOS = 2;

  private ConfigFile() {}

  static Map<Setting, List<String>> read(Path file) throws ConfigurationException {
    TomlFile toml = TomlFile.read("configuration file", Configuration.FILE_FLAG, file);
    Map<Setting, List<String>> settings = new EnumMap<>(Setting.class);
    for (String key : toml.table().keySet()) {
      Optional<Setting> setting = Setting.ofKey(key);
      if (setting.isEmpty()) {
        throw toml.complaint(key, "is unknown" + meant(key) + "; there are " + knownKeys());
      }
      settings.put(setting.get(), texts(toml, setting.get()));
    }
    return settings;
  }

  /** The key that differs by two letters at most, or by case or underscores. */
  private static String meant(String key) {
    String plain = key.toLowerCase(Locale.ROOT).replace('_', '-');
    return Stream.of(Setting.values())
        .map(Setting::key)
        .filter(known -> distance(plain, known) <= MOST_TYPOS)
        .min(Comparator.comparingInt(known -> distance(plain, known)))
        .map(close -> " (did you mean '" + close + "'?)")
        .orElse("");
  }

  /** How many letters must be changed, added or left out to make one word of the other. */
  private static int distance(String one, String other) {
    int[] above = IntStream.rangeClosed(0, other.length()).toArray();
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[other.length() + 1];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int change = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(change, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[other.length()];
  }

  private static String knownKeys() {
    return Stream.of(Setting.values()).map(Setting::key).collect(Collectors.joining(", "));
  }

  private static List<String> texts(TomlFile toml, Setting setting) throws ConfigurationException {
    TomlTable table = toml.table();
    String key = setting.key();
    Object value = table.get(List.of(key));
    if (setting.kind() == Kind.SWITCH) {
      if (value instanceof Boolean on) {
        return List.of(on.toString());
      }
      throw toml.complaint(key, "is either true or false, without quotes");
    }
    if (setting.kind() == Kind.NUMBER) {
      if (value instanceof Long number) {
        return List.of(number.toString());
      }
      throw toml.complaint(key, "is a whole number, without quotes");
    }
    if (value instanceof String text && !text.isBlank()) {
      return List.of(text);
    }
    if (setting.kind() == Kind.LIST && value instanceof TomlArray array) {
      List<String> texts = new ArrayList<>();
      for (Object element : array.toList()) {
        if (!(element instanceof String text) || text.isBlank()) {
          throw toml.complaint(
              key, "lists texts in quotes, such as [\"" + example(setting) + "\"]");
        }
        texts.add(text);
      }
      return texts;
    }
    throw toml.complaint(
        key,
        setting.kind() == Kind.LIST
            ? "is a list of texts in quotes, such as [\"" + example(setting) + "\"]"
            : "is a text in quotes");
  }

  private static String example(Setting setting) {
    return setting == Setting.ALLOW ? "@peers.txt" : "bob.example:8555";
  }
}
