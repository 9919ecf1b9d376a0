package dev.dolmen.network.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.network.identity.NodeIdentity;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;

class ProvenKeyTest {

  private final NodeIdentity identity = NodeIdentity.fromSeed(new byte[NodeIdentity.SEED_BYTES]);
  private final ProvenKey key = new ProvenKey();

  @Test
  void yieldsTheKeyOfASelfSignedCertificate() throws CertificateException {
    key.checkClientTrusted(new X509Certificate[] {identity.certificate()}, "EdDSA");
    assertThat(key.peer()).contains(identity.id());
  }

  @Test
  void refusesNoneAndMoreThanOneCertificate() {
    X509Certificate own = identity.certificate();
    assertRefused("not 0");
    assertRefused("not 2", own, own);
  }

  @Test
  void refusesACertificateSignedWithAnotherKey() throws GeneralSecurityException {
    byte[] tampered = identity.certificate().getEncoded();
    tampered[tampered.length - 1] ^= 1;
    X509Certificate wrong =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(tampered));
    assertRefused("not signed with its own key", wrong);
  }

  private void assertRefused(String why, X509Certificate... chain) {
    assertThatThrownBy(() -> key.checkServerTrusted(chain, "EdDSA"))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining(why);
    assertThat(key.peer()).isEmpty();
  }
}
