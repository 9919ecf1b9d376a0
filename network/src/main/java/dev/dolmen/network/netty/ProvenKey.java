package dev.dolmen.network.netty;

import dev.dolmen.network.identity.PeerId;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * Trusts anyone who shows one self-signed, valid Ed25519 certificate, and remembers whose key it
 * is. There is one for each connection, so the key it remembers is always of this very handshake
 * and never of a resumed session. Until TLS is done it is only a claim.
 */
final class ProvenKey extends X509ExtendedTrustManager {

  private @Nullable PeerId peer;

  /** The key shown in this handshake. */
  Optional<PeerId> peer() {
    return Optional.ofNullable(peer);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    peer = judge(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    peer = judge(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    peer = judge(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    peer = judge(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    peer = judge(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    peer = judge(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private static PeerId judge(X509Certificate[] chain) throws CertificateException {
    if (chain.length != 1) {
      throw new CertificateException("a peer shows one certificate, not " + chain.length);
    }
    X509Certificate certificate = chain[0];
    certificate.checkValidity();
    SubjectPublicKeyInfo info =
        SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded());
    byte[] key = info.getPublicKeyData().getOctets();
    if (!info.getAlgorithm().getAlgorithm().equals(EdECObjectIdentifiers.id_Ed25519)
        || key.length != Ed25519.PUBLIC_KEY_SIZE
        || !Ed25519.validatePublicKeyFull(key, 0)) {
      throw new CertificateException("the certificate's key is not a valid Ed25519 key");
    }
    try {
      certificate.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException e) {
      throw new CertificateException("the certificate is not signed with its own key", e);
    }
    return PeerId.of(Arrays.copyOf(key, key.length));
  }
}
