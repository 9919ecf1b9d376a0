package dev.dolmen.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.signature.PublicKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NetworkFileTest {

  @TempDir private Path directory;

  private NetworkParameters read(String toml) throws Exception {
    return NetworkFile.read(Files.writeString(directory.resolve("network.toml"), toml));
  }

  @Test
  void whatIsWrittenReadsTheSame() throws Exception {
    NetworkParameters network =
        NetworkParameters.builder("the \"guild\" \\ of stones")
            .genesisTime(1_763_800_000_123L)
            .interval(Duration.ofMillis(1_500))
            .halfLife(Duration.ofHours(36))
            .firstBits(0x1d00ffff)
            .largestBlock(2_000)
            .authors(
                List.of(PublicKey.fromHex("22".repeat(32)), PublicKey.fromHex("11".repeat(32))))
            .build();

    assertThat(read(NetworkFile.write(network))).isEqualTo(network);
    assertThat(read(NetworkFile.write(NetworkParameters.dev())).genesisHash())
        .isEqualTo(NetworkParameters.dev().genesisHash());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "^name = .* | name = 5 | 'name' is a text in quotes",
        "^name = .* | name = \"\" | the name must have 1 to 255 characters",
        "^genesis-time = .* | genesis-time = 2026-01-01T00:00:00 | 'genesis-time' is a time with its zone",
        "^genesis-time = .* | genesis-time = 2026-01-01T00:00:00.0001Z | 'genesis-time' is a time with its",
        "^interval = .* | interval = \"10\" | 'interval' is a number and a unit",
        "^interval = .* | interval = \"0s\" | the interval must be at least 1 ms",
        "^half-life = .* | half-life = 5 | 'half-life' is a number and a unit",
        "^first-target = .* | first-target = \"207ffff\" | 'first-target' is a compact target of 8 hex",
        "^first-target = .* | first-target = \"00000000\" | is not a canonical compact target",
        "^fixed-target = .* | fixed-target = 1 | 'fixed-target' is either true or false",
        "^largest-block = .* | largest-block = 4294967296 | 'largest-block' is at most 16777216",
        "^largest-block = .* | largest-block = 208 | the largest block must have 209 to",
        "^authors = .* | authors = [\"AB\"] | 'authors' lists public keys of 64 lower-case hex digits",
        "^authors = .* | author = [] | 'author' is unknown; there are name, genesis-time",
        "^authors = .* | # none | 'authors' is missing",
      })
  void aValueThatIsWrongIsNamed(String line, String replacement, String complaint) {
    String toml = NetworkFile.write(NetworkParameters.dev()).replaceAll("(?m)" + line, replacement);

    assertThatThrownBy(() -> read(toml))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("network file " + directory.resolve("network.toml"))
        .hasMessageContaining(complaint)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource({
    "1ms, 1",
    "1500ms, 1500",
    "10s, 10000",
    "90s, 90000",
    "2m, 120000",
    "36h, 129600000",
    "2d, 172800000"
  })
  void spansOfTimeReadAndWriteTheSame(String text, long millis) {
    assertThat(Durations.parse(text)).contains(Duration.ofMillis(millis));
    assertThat(Durations.format(Duration.ofMillis(millis))).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"10", "s", "-1s", "1.5s", "1 s", "1w", "9999999999999999s"})
  void otherWordsAreNoSpansOfTime(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }
}
