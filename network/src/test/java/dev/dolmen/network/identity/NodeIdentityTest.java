package dev.dolmen.network.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.BaseEncoding;
import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {

  /** RFC 8032, section 7.1, test 1. */
  private static final String SEED =
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

  private static final String PUBLIC_KEY =
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

  @TempDir Path folder;

  @Test
  void thePeerIdIsThePublicKey() {
    assertThat(NodeIdentity.fromSeed(BaseEncoding.base16().lowerCase().decode(SEED)).id())
        .isEqualTo(PeerId.parse(PUBLIC_KEY))
        .hasToString(PUBLIC_KEY);
  }

  @Test
  void signsTheDomainFollowedByTheMessage() throws GeneralSecurityException {
    NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    byte[] message = {1, 2, 3};
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(identity.certificate());
    verifier.update(Bytes.concat("dolmen/test/1".getBytes(US_ASCII), message));
    assertThat(verifier.verify(identity.sign("dolmen/test/1", message))).isTrue();
  }

  @Test
  void theCertificateIsSelfSignedAndValidForAsLongAsDatesGo() throws GeneralSecurityException {
    NodeIdentity identity = NodeIdentity.generate(new SecureRandom());
    identity.certificate().verify(identity.certificate().getPublicKey());
    assertThat(identity.certificate().getNotBefore().toInstant()).isEqualTo(Instant.EPOCH);
    assertThat(identity.certificate().getNotAfter().toInstant())
        .hasToString("9999-12-31T23:59:59Z");
  }

  @Test
  void isMadeOnceAndReadAgain() throws IOException {
    Path file = folder.resolve("identity.key");
    PeerId made = NodeIdentity.loadOrCreate(file).id();
    assertThat(NodeIdentity.loadOrCreate(file).id()).isEqualTo(made);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aKeyThatOthersMayReadIsRefused() throws IOException {
    Path file = folder.resolve("identity.key");
    NodeIdentity.loadOrCreate(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> NodeIdentity.loadOrCreate(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("open to other users (rw-r-----)")
        .hasMessageContaining("chmod 600 " + file);
  }

  @Test
  void aFileOfAnotherSizeIsNoKeyAndIsLeftAlone() throws IOException {
    Path file = folder.resolve("identity.key");
    for (int size : new int[] {0, 31, 33, 63, 65}) {
      NodeIdentity.loadOrCreate(file);
      Files.write(file, new byte[size]);
      assertThatThrownBy(() -> NodeIdentity.loadOrCreate(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is not a key of 64 bytes");
      assertThat(Files.size(file)).isEqualTo(size);
      Files.delete(file);
    }
  }

  @Test
  void aKeyOfWhichAnyBitHasFlippedIsRefusedAndLeftAlone() throws IOException {
    Path file = folder.resolve("identity.key");
    NodeIdentity.loadOrCreate(file);
    byte[] sound = Files.readAllBytes(file);
    assertThat(sound).hasSize(NodeIdentity.FILE_BYTES);
    for (int bit = 0; bit < 8 * sound.length; bit++) {
      byte[] damaged = sound.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(file, damaged);
      assertThatThrownBy(() -> NodeIdentity.loadOrCreate(file))
          .as("bit %s", bit)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is damaged")
          .hasMessageContaining("Restore it from a copy");
      assertThat(file).hasBinaryContent(damaged);
    }
  }

  @Test
  void aKeyOfAnEarlierVersionIsTheSamePeerStill() throws IOException {
    Path file = folder.resolve("identity.key");
    NodeIdentity.loadOrCreate(file);
    byte[] seed = BaseEncoding.base16().lowerCase().decode(SEED);
    Files.write(file, seed);
    assertThat(NodeIdentity.loadOrCreate(file).id()).hasToString(PUBLIC_KEY);
    assertThat(file).hasBinaryContent(seed);
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    Path file = folder.resolve("nowhere").resolve("identity.key");
    assertThatThrownBy(() -> NodeIdentity.loadOrCreate(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot write the identity " + file);
  }
}
