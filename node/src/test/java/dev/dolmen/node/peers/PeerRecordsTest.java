package dev.dolmen.node.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.network.peers.Bans;
import dev.dolmen.network.peers.Bans.Ban;
import dev.dolmen.network.peers.Bans.Subject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerRecordsTest {

  private static final Instant NOW = Instant.ofEpochMilli(1_767_225_600_123L);
  private static final Subject PEER = Subject.parse("ab".repeat(32));
  private static final Subject ADDRESS = Subject.parse("2a00:1:2:3::7");

  @TempDir private Path directory;

  @Test
  void bansOutliveARestart() throws IOException {
    Instant end = NOW.plusSeconds(60);
    try (PeerRecords records = open(NOW)) {
      records.ban(PEER, Optional.empty(), "told lies, twice").join();
      records.ban(ADDRESS, Optional.of(end), "").join();
    }
    try (PeerRecords records = open(end.minusMillis(1))) {
      assertThat(records.bans())
          .containsExactly(
              new Ban(PEER, NOW, Optional.empty(), "told lies, twice"),
              new Ban(ADDRESS, NOW, Optional.of(end), ""));
    }
    try (PeerRecords records = open(end)) {
      assertThat(records.bans()).extracting(Ban::subject).containsExactly(PEER);
      assertThat(records.unban(PEER).join()).isTrue();
      assertThat(records.unban(PEER).join()).isFalse();
    }
    try (PeerRecords records = open(end)) {
      assertThat(records.bans()).isEmpty();
    }
  }

  @Test
  void onlySoManyHoldAtATimeAndAnOldOneCanBeReplaced() throws IOException {
    try (PeerRecords records = PeerRecords.open(Optional.empty(), "test", at(NOW))) {
      for (int i = 0; i < Bans.MAX_BANS; i++) {
        Subject subject = Subject.parse("10.0." + i / 256 + "." + i % 256);
        assertThat(records.ban(subject, Optional.empty(), "").join()).isPresent();
      }
      assertThat(records.ban(PEER, Optional.empty(), "").join()).isEmpty();
      assertThat(records.ban(Subject.parse("10.0.0.0"), Optional.empty(), "again").join())
          .isPresent();
      assertThat(records.bans()).hasSize(Bans.MAX_BANS);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dolmen-bans 1",
        "dolmen-bans 2\nend x\n",
        "dolmen-bans 1\nnonsense\nend x\n",
        "\u0000\u0001"
      })
  void aDamagedFileIsSetAside(String text) throws IOException {
    Path file = directory.resolve(PeerRecords.BANS_FILE);
    Files.writeString(file, text);
    try (PeerRecords records = open(NOW)) {
      assertThat(records.bans()).isEmpty();
      assertThat(directory.resolve("bans.damaged")).hasContent(text);
      assertThat(file).doesNotExist();
      records.ban(PEER, Optional.empty(), "").join();
    }
    try (PeerRecords records = open(NOW)) {
      assertThat(records.bans()).hasSize(1);
    }
  }

  @Test
  void eachFlippedByteAndEachCutIsFound() throws IOException {
    try (PeerRecords records = open(NOW)) {
      records.ban(PEER, Optional.empty(), "because").join();
    }
    Path file = directory.resolve(PeerRecords.BANS_FILE);
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length - 1; i++) {
      byte[] flipped = good.clone();
      flipped[i] ^= 1;
      Files.write(file, flipped);
      try (PeerRecords records = open(NOW)) {
        assertThat(records.bans()).as("byte %s flipped", i).isEmpty();
      }
      Files.write(file, Arrays.copyOf(good, i));
      try (PeerRecords records = open(NOW)) {
        assertThat(records.bans()).as("cut after %s bytes", i).isEmpty();
      }
    }
  }

  @Test
  void aLineThatIsNoBanIsDamageAlsoUnderAGoodChecksum() throws IOException {
    RecordFile file =
        new RecordFile(directory.resolve(PeerRecords.BANS_FILE), "dolmen-bans 1", 1_000);
    for (String line : new String[] {"x 1 - y", PEER + " x - y", PEER + " 1 x y", PEER + " 1"}) {
      file.write(List.of(line));
      try (PeerRecords records = open(NOW)) {
        assertThat(records.bans()).as(line).isEmpty();
      }
    }
  }

  @Test
  void aFileThatIsTooLargeIsNotReadIntoMemory() throws IOException {
    RecordFile file = new RecordFile(directory.resolve("x"), "title", 100);
    file.write(List.of("a".repeat(24)));
    assertThat(file.read(lines -> lines, List.of())).containsExactly("a".repeat(24));
    file.write(List.of("a".repeat(25)));
    assertThat(file.read(lines -> lines, List.of())).isEmpty();
    assertThat(directory.resolve("x.damaged")).exists();
  }

  @Test
  void aDiskThatFailsIsToldAndTheBanHoldsAllTheSame() throws IOException {
    try (PeerRecords records = open(NOW)) {
      Files.createDirectory(directory.resolve(PeerRecords.BANS_FILE + ".new"));
      assertThatThrownBy(() -> records.ban(PEER, Optional.empty(), "").join())
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(UncheckedIOException.class);
      assertThat(records.bans()).hasSize(1);
    }
  }

  private PeerRecords open(Instant now) throws IOException {
    return PeerRecords.open(Optional.of(directory), "test", at(now));
  }

  private static InstantSource at(Instant now) {
    return InstantSource.fixed(now);
  }
}
