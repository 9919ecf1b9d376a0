package dev.dolmen.node.config;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dolmen.node.config.Setting.Kind;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every setting that was made, as text, and where: a flag wins over the environment, that over the
 * file. What nobody set is absent here and gets its default in {@link NodeSettings}.
 */
public final class Configuration {

  /** Names the file of settings. */
  public static final String FILE_FLAG = "--config";

  /** Names the file of settings where no flag does. */
  public static final String FILE_VARIABLE = "DOLMEN_CONFIG";

  /** Where a setting was made, ascending: the later one wins. */
  enum Level {
    FILE,
    ENVIRONMENT,
    FLAG
  }

  /**
   * One setting as it was made.
   *
   * @param texts one, or several for a setting that may be repeated
   * @param level which of two wins
   * @param origin for people: {@code flag --api}, {@code environment DOLMEN_API} or {@code file X}
   */
  record Made(ImmutableList<String> texts, Level level, String origin) {
    Made(List<String> texts, Level level, String origin) {
      this(ImmutableList.copyOf(texts), level, origin);
    }

    String text() {
      return texts.get(0);
    }
  }

  private final ImmutableMap<Setting, Made> made;
  private final ImmutableMap<String, String> environment;

  private Configuration(Map<Setting, Made> made, Map<String, String> environment) {
    this.made = ImmutableMap.copyOf(made);
    this.environment = ImmutableMap.copyOf(environment);
  }

  /**
   * Puts the sources together.
   *
   * @param flags as given on the command line; a switch that is on has the text {@code true}
   * @param file the flag {@code --config}; else {@code DOLMEN_CONFIG} may name one
   * @param environment all of it; what does not concern Dolmen is ignored
   * @throws ConfigurationException if a file or a variable cannot be understood
   */
  public static Configuration resolve(
      Map<Setting, List<String>> flags, Optional<Path> file, Map<String, String> environment)
      throws ConfigurationException {
    Map<Setting, Made> made = new EnumMap<>(Setting.class);
    Optional<Path> chosen =
        file.or(() -> Optional.ofNullable(environment.get(FILE_VARIABLE)).map(Path::of));
    if (chosen.isPresent()) {
      for (Map.Entry<Setting, List<String>> entry : ConfigFile.read(chosen.get()).entrySet()) {
        made.put(entry.getKey(), new Made(entry.getValue(), Level.FILE, "file " + chosen.get()));
      }
    }
    for (Setting setting : Setting.values()) {
      String text = environment.get(setting.environmentVariable());
      if (text != null && !text.isBlank()) {
        made.put(
            setting,
            new Made(
                fromEnvironment(setting, text),
                Level.ENVIRONMENT,
                "environment " + setting.environmentVariable()));
      }
    }
    for (Map.Entry<Setting, List<String>> flag : flags.entrySet()) {
      made.put(
          flag.getKey(), new Made(flag.getValue(), Level.FLAG, "flag " + flag.getKey().flag()));
    }
    return new Configuration(made, environment);
  }

  private static List<String> fromEnvironment(Setting setting, String text)
      throws ConfigurationException {
    if (setting.kind() == Kind.LIST) {
      return Splitter.on(',').trimResults().omitEmptyStrings().splitToList(text);
    }
    if (setting.kind() == Kind.SWITCH && !text.equals("true") && !text.equals("false")) {
      throw new ConfigurationException(
          setting.environmentVariable() + " is '" + text + "': write true or false");
    }
    return List.of(text);
  }

  Optional<Made> made(Setting setting) {
    return Optional.ofNullable(made.get(setting));
  }

  boolean isOn(Setting setting) {
    return made(setting).map(m -> m.text().equals("true")).orElse(false);
  }

  /** The user's own directory, below which data is kept when nothing else is said. */
  Path home() {
    return Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", ".")));
  }
}
