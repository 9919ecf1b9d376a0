package dev.dolmen.network;

import dev.dolmen.network.identity.NodeIdentity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.jspecify.annotations.Nullable;

/** A certificate and a private key that need not belong together, shown whatever is asked for. */
final class Forgery {

  private static final X500Name SUBJECT = new X500Name("CN=forged");
  private static final String ED25519 = "1.3.101.112";
  private static final String ED448 = "1.3.101.113";
  private static final String SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
  private static final String SHA256_WITH_ECDSA = "1.2.840.10045.4.3.2";

  private final X509Certificate certificate;
  private final PrivateKey key;

  private Forgery(X509Certificate certificate, PrivateKey key) {
    this.certificate = certificate;
    this.key = key;
  }

  /** What a node shows: nothing forged at all. */
  static Forgery none(NodeIdentity identity) {
    return new Forgery(identity.certificate(), identity.privateKey());
  }

  /** Somebody else's certificate, which anybody who met him has, without his key. */
  static Forgery stolen(NodeIdentity victim, NodeIdentity thief) {
    return new Forgery(victim.certificate(), thief.privateKey());
  }

  /** A certificate of our own making that names somebody else's key. */
  static Forgery otherKey(NodeIdentity victim, NodeIdentity forger)
      throws GeneralSecurityException {
    return new Forgery(
        certificate(
            victim.certificate().getPublicKey(),
            forger.privateKey(),
            ED25519,
            "Ed25519",
            hoursFromNow(-24),
            hoursFromNow(24)),
        forger.privateKey());
  }

  static Forgery expired(NodeIdentity identity) throws GeneralSecurityException {
    return dated(identity, hoursFromNow(-48), hoursFromNow(-1));
  }

  static Forgery notYetValid(NodeIdentity identity) throws GeneralSecurityException {
    return dated(identity, hoursFromNow(1), hoursFromNow(48));
  }

  private static Forgery dated(NodeIdentity identity, Instant from, Instant to)
      throws GeneralSecurityException {
    return new Forgery(
        certificate(
            identity.certificate().getPublicKey(),
            identity.privateKey(),
            ED25519,
            "Ed25519",
            from,
            to),
        identity.privateKey());
  }

  private static Instant hoursFromNow(int hours) {
    return Instant.now().plus(hours, ChronoUnit.HOURS);
  }

  static Forgery rsa(int bits) throws GeneralSecurityException {
    return ofKind(
        "RSA",
        new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4),
        SHA256_WITH_RSA,
        "SHA256withRSA");
  }

  static Forgery p256() throws GeneralSecurityException {
    return ofKind("EC", new ECGenParameterSpec("secp256r1"), SHA256_WITH_ECDSA, "SHA256withECDSA");
  }

  static Forgery ed448() throws GeneralSecurityException {
    return ofKind("Ed448", NamedParameterSpec.ED448, ED448, "Ed448");
  }

  private static Forgery ofKind(
      String keys, AlgorithmParameterSpec spec, String identifier, String algorithm)
      throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(keys);
    generator.initialize(spec);
    KeyPair pair = generator.generateKeyPair();
    return new Forgery(
        certificate(
            pair.getPublic(),
            pair.getPrivate(),
            identifier,
            algorithm,
            hoursFromNow(-24),
            hoursFromNow(24)),
        pair.getPrivate());
  }

  private static X509Certificate certificate(
      PublicKey named,
      PrivateKey signing,
      String identifier,
      String algorithm,
      Instant from,
      Instant to)
      throws GeneralSecurityException {
    try {
      byte[] encoded =
          new X509v3CertificateBuilder(
                  SUBJECT,
                  BigInteger.ONE,
                  Date.from(from),
                  Date.from(to),
                  SUBJECT,
                  SubjectPublicKeyInfo.getInstance(named.getEncoded()))
              .build(new Signer(signing, identifier, algorithm))
              .getEncoded();
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(encoded));
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static final class Signer implements ContentSigner {
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private final PrivateKey key;
    private final String identifier;
    private final String algorithm;

    Signer(PrivateKey key, String identifier, String algorithm) {
      this.key = key;
      this.identifier = identifier;
      this.algorithm = algorithm;
    }

    @Override
    public AlgorithmIdentifier getAlgorithmIdentifier() {
      return new AlgorithmIdentifier(new ASN1ObjectIdentifier(identifier));
    }

    @Override
    public OutputStream getOutputStream() {
      return content;
    }

    @Override
    public byte[] getSignature() {
      try {
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(content.toByteArray());
        return signature.sign();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Shows what it is told to show; nothing, if it is told so. */
  static final class Keys extends X509ExtendedKeyManager {
    private static final String ALIAS = "forged";
    private final AtomicReference<@Nullable Forgery> shown = new AtomicReference<>();

    Keys(@Nullable Forgery first) {
      shown.set(first);
    }

    void show(@Nullable Forgery next) {
      shown.set(next);
    }

    private @Nullable String alias() {
      return shown.get() == null ? null : ALIAS;
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return shown.get() == null ? null : new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return alias();
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return alias();
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
      return shown.get() == null ? null : new String[] {ALIAS};
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      Forgery forgery = shown.get();
      return (forgery != null && type.startsWith(forgery.key.getAlgorithm())) ? ALIAS : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return chooseServerAlias(type, issuers, null);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      Forgery forgery = shown.get();
      return forgery == null ? null : new X509Certificate[] {forgery.certificate};
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      Forgery forgery = shown.get();
      return forgery == null ? null : forgery.key;
    }
  }
}
