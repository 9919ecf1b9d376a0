package dev.dolmen.network.identity;

import static com.google.common.base.Preconditions.checkArgument;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.dolmen.protocol.Limits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.operator.ContentSigner;

/**
 * This node's Ed25519 key pair, and the certificate it shows in TLS: self-signed, dated from 1970
 * to 9999, so that it never expires and nobody's clock matters. The {@link PeerId} is its public
 * half.
 */
public final class NodeIdentity {

  /** Bytes of the private seed, with which {@code identity.key} begins. */
  public static final int SEED_BYTES = 32;

  /**
   * The whole file: the seed, then the public key that follows from it, which no damage to either
   * leaves true. Files of versions before that had it hold the seed alone.
   */
  static final int FILE_BYTES = SEED_BYTES + Limits.KEY_BYTES;

  private static final ASN1ObjectIdentifier ED25519 = EdECObjectIdentifiers.id_Ed25519;
  private static final Instant NOT_BEFORE = Instant.EPOCH;
  private static final Instant NOT_AFTER = Instant.parse("9999-12-31T23:59:59Z");
  private static final X500Name SUBJECT = new X500Name("CN=dolmen");
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Ed25519PrivateKeyParameters seed;
  private final PeerId id;
  private final PrivateKey privateKey;
  private final X509Certificate certificate;

  private NodeIdentity(byte[] seed) {
    checkArgument(seed.length == SEED_BYTES, "a seed is %s bytes, not %s", SEED_BYTES, seed.length);
    this.seed = new Ed25519PrivateKeyParameters(seed);
    this.id = PeerId.of(this.seed.generatePublicKey().getEncoded());
    try {
      this.privateKey =
          KeyFactory.getInstance("Ed25519")
              .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed.clone()));
      this.certificate = selfSigned();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java cannot make Ed25519 certificates", e);
    }
  }

  /** A new identity. */
  public static NodeIdentity generate(SecureRandom random) {
    byte[] seed = new byte[SEED_BYTES];
    random.nextBytes(seed);
    return new NodeIdentity(seed);
  }

  /**
   * The identity with this private seed of {@value #SEED_BYTES} bytes; the same seed is the same
   * peer.
   */
  public static NodeIdentity fromSeed(byte[] seed) {
    return new NodeIdentity(seed);
  }

  /**
   * Reads the key file, or makes it if there is none, readable by its owner only. Two processes
   * that make it at the same instant end up with the same key.
   *
   * @throws IOException if the file cannot be read or written, is not a key, or may be read by
   *     others; the message says what to do
   */
  public static NodeIdentity loadOrCreate(Path file) throws IOException {
    try {
      return load(file);
    } catch (NoSuchFileException absent) {
      try {
        create(file);
      } catch (FileAlreadyExistsException anotherWasFaster) {
        return load(file);
      } catch (IOException e) {
        throw new IOException(
            "cannot write the identity "
                + file
                + ": "
                + reasonOf(e)
                + ". Make room there, or the folder writable",
            e);
      }
      return load(file);
    }
  }

  /** This node's name on every network. */
  public PeerId id() {
    return id;
  }

  /**
   * Signs a message for one purpose.
   *
   * @param domain ASCII text that names the purpose, for example {@code dolmen/transaction/1}, so
   *     that a signature made for one means nothing for another
   * @return 64 bytes, Ed25519 over the domain followed by the message
   */
  public byte[] sign(String domain, byte[] message) {
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, seed);
    byte[] tag = domain.getBytes(US_ASCII);
    signer.update(tag, 0, tag.length);
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  /** The private key, for TLS. */
  public PrivateKey privateKey() {
    return privateKey;
  }

  /** The self-signed certificate, for TLS. */
  public X509Certificate certificate() {
    return certificate;
  }

  @Override
  public String toString() {
    return "NodeIdentity[" + id + "]";
  }

  private X509Certificate selfSigned() throws GeneralSecurityException, IOException {
    SubjectPublicKeyInfo publicKey =
        new SubjectPublicKeyInfo(new AlgorithmIdentifier(ED25519), id.key().toByteArray());
    byte[] encoded =
        new X509v3CertificateBuilder(
                SUBJECT,
                BigInteger.ONE,
                Date.from(NOT_BEFORE),
                Date.from(NOT_AFTER),
                SUBJECT,
                publicKey)
            .build(new CertificateSigner(seed))
            .getEncoded();
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(encoded));
  }

  private static NodeIdentity load(Path file) throws IOException {
    byte[] content;
    try {
      Optional<String> isOpen = OwnersOnly.complaint(file, "the identity", OWNER_ONLY);
      if (isOpen.isPresent()) {
        throw new IOException(isOpen.get());
      }
      try (var in = Files.newInputStream(file)) {
        content = in.readNBytes(FILE_BYTES + 1);
      }
    } catch (NoSuchFileException e) {
      throw e;
    } catch (FileSystemException e) {
      throw new IOException(
          "cannot read the identity " + file + ": " + reasonOf(e) + ". Run as the user who owns it",
          e);
    }
    if (content.length != SEED_BYTES && content.length != FILE_BYTES) {
      throw unusable(file, "is not a key of " + FILE_BYTES + " bytes");
    }
    NodeIdentity identity = new NodeIdentity(Arrays.copyOf(content, SEED_BYTES));
    if (content.length == FILE_BYTES && !Arrays.equals(content, identity.toFile())) {
      throw unusable(file, "is damaged: its two halves do not belong together");
    }
    return identity;
  }

  private byte[] toFile() {
    byte[] content = Arrays.copyOf(seed.getEncoded(), FILE_BYTES);
    System.arraycopy(id.key().toByteArray(), 0, content, SEED_BYTES, Limits.KEY_BYTES);
    return content;
  }

  private static IOException unusable(Path file, String what) {
    return new IOException(
        "the identity "
            + file
            + " "
            + what
            + ". Restore it from a copy, or remove it to become a new peer");
  }

  /**
   * The key is complete in a file of its own before it gets its name, so a crash never leaves half
   * a key; and the name is taken only if it is free.
   */
  private static void create(Path file) throws IOException {
    byte[] content = generate(new SecureRandom()).toFile();
    Path fresh =
        file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
    boolean posix = Files.getFileStore(parentOf(file)).supportsFileAttributeView("posix");
    FileAttribute<?>[] mode =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    Files.deleteIfExists(fresh);
    try {
      try (SeekableByteChannel channel =
              Files.newByteChannel(
                  fresh,
                  Set.of(
                      StandardOpenOption.CREATE_NEW,
                      StandardOpenOption.WRITE,
                      StandardOpenOption.SYNC),
                  mode);
          OutputStream out = Channels.newOutputStream(channel)) {
        out.write(content);
      }
      try {
        Files.createLink(file, fresh);
      } catch (UnsupportedOperationException noHardLinks) {
        Files.move(fresh, file);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static Path parentOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private static String reasonOf(IOException e) {
    String reason = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }

  /** Signs the certificate with BouncyCastle's own arithmetic, without a security provider. */
  private static final class CertificateSigner implements ContentSigner {
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private final Ed25519PrivateKeyParameters key;

    CertificateSigner(Ed25519PrivateKeyParameters key) {
      this.key = key;
    }

    @Override
    public AlgorithmIdentifier getAlgorithmIdentifier() {
      return new AlgorithmIdentifier(ED25519);
    }

    @Override
    public OutputStream getOutputStream() {
      return content;
    }

    @Override
    public byte[] getSignature() {
      byte[] bytes = content.toByteArray();
      Ed25519Signer signer = new Ed25519Signer();
      signer.init(true, key);
      signer.update(bytes, 0, bytes.length);
      return signer.generateSignature();
    }
  }
}
