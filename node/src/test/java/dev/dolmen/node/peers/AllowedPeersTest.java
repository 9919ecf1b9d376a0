package dev.dolmen.node.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.dolmen.network.identity.NodeIdentity;
import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.AllowList;
import dev.dolmen.network.peers.DisconnectReason.Code;
import dev.dolmen.node.Dolmen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AllowedPeersTest {

  private static final PeerId ALICE = id("a1");
  private static final PeerId BOB = id("b0");

  /** Two looks and a good while more, on a busy machine. */
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(20);

  private static final Duration A_WHILE = Duration.ofSeconds(30);

  private final List<AllowList> told = new CopyOnWriteArrayList<>();
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("peers.txt");
  }

  @Test
  void whoSaysNothingIsOpenToEverybody() throws IOException {
    try (AllowedPeers peers = AllowedPeers.open(AllowRules.NONE, "a")) {
      peers.attach(told::add);
    }
    assertThat(told).isEmpty();
    assertThat(AllowList.ANYBODY.allows(ALICE)).isTrue();
  }

  @Test
  void idsAndFilesAddUp() throws IOException {
    write(BOB + "  # bob, in the cellar\n\n# nobody else\n");
    try (AllowedPeers peers = open(ALICE.toString(), "@" + file)) {
      peers.attach(told::add);
    }
    assertThat(told).hasSize(1);
    assertThat(told.get(0).allows(ALICE)).isTrue();
    assertThat(told.get(0).allows(BOB)).isTrue();
    assertThat(told.get(0).allows(id("c0"))).isFalse();
  }

  @Test
  void aChangedFileIsReadAgain() throws IOException {
    write(ALICE + "\n");
    try (AllowedPeers peers = open("@" + file)) {
      peers.attach(told::add);
      write(BOB + "\n");
      await().atMost(A_WHILE).until(() -> told.size() == 2);
      assertThat(told.get(1).allows(ALICE)).isFalse();
      assertThat(told.get(1).allows(BOB)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# all gone\n", "b0b\n", "\u0000\u00ff"})
  void whatCannotBeUsedLeavesTheOldListInForceUntilItIsMended(String nonsense) throws IOException {
    write(ALICE + "\n");
    try (AllowedPeers peers = open("@" + file)) {
      peers.attach(told::add);
      Files.write(file, nonsense.getBytes(StandardCharsets.ISO_8859_1));
      await()
          .pollDelay(LOOK_INTERVAL.multipliedBy(5))
          .atMost(A_WHILE)
          .untilAsserted(() -> assertThat(told).hasSize(1));
      write(ALICE + "\n" + BOB + "\n");
      await().atMost(A_WHILE).until(() -> told.size() == 2);
      assertThat(told.get(1).allows(BOB)).isTrue();
    }
  }

  @Test
  void aFileThatIsTakenAwayLeavesTheOldListInForce() throws IOException {
    write(ALICE + "\n");
    try (AllowedPeers peers = open("@" + file)) {
      peers.attach(told::add);
      Files.delete(file);
      await()
          .pollDelay(LOOK_INTERVAL.multipliedBy(5))
          .atMost(A_WHILE)
          .untilAsserted(() -> assertThat(told).hasSize(1));
      write(BOB + "\n");
      await().atMost(A_WHILE).until(() -> told.size() == 2);
    }
  }

  @Test
  void aNodeDoesNotStartWithAListThatItCannotUse() throws IOException {
    assertThatThrownBy(() -> open("@" + file))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no list of allowed peers " + file + ": write it, one id a line");
    write("# nobody\n");
    assertThatThrownBy(() -> open("@" + file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the list of allowed peers "
                + file
                + " has no id in it; to let in nobody, write this node's own");
    write(ALICE + "\nbob\n");
    assertThatThrownBy(() -> open("@" + file))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "line 2 of the list of allowed peers " + file + " is not a peer's id of 64 hex digits");
    write(" ".repeat(AllowedPeers.MAX_FILE_BYTES - 65) + "\n" + ALICE);
    assertThat(AllowedPeers.parse(file, Files.readAllBytes(file))).containsExactly(ALICE);
    open("@" + file).close();
    write(" ".repeat(AllowedPeers.MAX_FILE_BYTES - 64) + "\n" + ALICE);
    assertThatThrownBy(() -> open("@" + file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has more than 1048576 bytes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bob", "@", "203.0.113.7", "b0@203.0.113.7:8555"})
  void whatIsNeitherAnIdNorAFileIsRefused(String text) {
    assertThatThrownBy(() -> AllowRules.parse(List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text);
  }

  @Test
  void aClosedNodeLinksWithItsListedPeersAndLetsThemGoWhenTheyAreTakenOff() throws IOException {
    SecureRandom random = new SecureRandom();
    NodeIdentity bobsKeys = NodeIdentity.generate(random);
    write(bobsKeys.id() + "\n");
    try (Dolmen alice = Dolmen.builder().name("alice").allow("@" + file).start();
        Dolmen bob =
            Dolmen.builder()
                .name("bob")
                .identity(bobsKeys)
                .connect(alice.listenAddress().toString())
                .start();
        Dolmen carol =
            Dolmen.builder().name("carol").connect(alice.listenAddress().toString()).start()) {
      await().atMost(A_WHILE).until(() -> areLinked(bob, alice));
      await()
          .atMost(A_WHILE)
          .until(
              () ->
                  carol
                      .peers()
                      .dials()
                      .get(0)
                      .lastFailure()
                      .contains("this node's network is closed"));
      assertThat(alice.status().peers()).isEqualTo(1);
      assertThat(alice.settings())
          .anySatisfy(
              line -> {
                assertThat(line.setting()).isEqualTo("allow");
                assertThat(line.value()).isEqualTo("@" + file);
              });

      write(carol.id() + "\n");
      await().atMost(A_WHILE).until(() -> areLinked(carol, alice));
      assertThat(alice.peers().departures().get(0).reason().code()).isEqualTo(Code.NOT_ALLOWED);
      assertThat(alice.peers().departures().get(0).id()).isEqualTo(bob.id());
    }
  }

  private static boolean areLinked(Dolmen one, Dolmen other) {
    return one.peers().peers().stream().anyMatch(peer -> peer.id().equals(other.id()));
  }

  private void write(String text) throws IOException {
    Files.writeString(file, text);
  }

  private static AllowedPeers open(String... texts) throws IOException {
    return AllowedPeers.open(AllowRules.parse(List.of(texts)), "a", LOOK_INTERVAL);
  }

  private static PeerId id(String digits) {
    return PeerId.parse(digits.repeat(32));
  }
}
