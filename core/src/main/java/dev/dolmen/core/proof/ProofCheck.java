package dev.dolmen.core.proof;

import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleProof;
import dev.dolmen.core.block.Seal;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.BlockRules;
import dev.dolmen.core.consensus.HeaderRules;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.consensus.Target;
import dev.dolmen.core.consensus.Violation;
import dev.dolmen.core.consensus.Work;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One check of one file, step by step; it ends at the first rule that is broken. */
final class ProofCheck {

  /** Below every timestamp: stands for a median that is not known. */
  private static final long NO_MEDIAN = -1;

  private final Claim claim;
  private final List<BlockHeader> headers;
  private final NetworkParameters network;
  private final Optional<ChainPoint> checkpoint;
  private final HeaderRules headerRules;
  private final BlockRules blockRules;
  private final List<ProofVerdict.Finding> findings = new ArrayList<>();

  ProofCheck(ProofFile file, NetworkParameters network, Optional<ChainPoint> checkpoint) {
    this.claim = file.claim();
    this.headers = file.headers();
    this.network = network;
    this.checkpoint = checkpoint;
    this.headerRules = new HeaderRules(network);
    this.blockRules = new BlockRules(network);
  }

  /** A rule is broken. Goes no further than {@link #run}. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1L;
    private final ProofStep step;

    Broken(ProofStep step, String reason) {
      super(reason, null, false, false);
      this.step = step;
    }
  }

  ProofVerdict run() {
    try {
      checkNetwork();
      checkEntry();
      BlockHeader block = entrysBlock();
      checkExpiry(block);
      checkPath(block);
      checkAnchor();
      checkHeaders();
      checkTip();
      return new ProofVerdict.Valid(
          claim.transaction(),
          block,
          claim.index(),
          ChainPoint.of(headers.get(0)),
          isFromGenesis(),
          claim.tip(),
          workOn(block),
          findings);
    } catch (Broken broken) {
      return new ProofVerdict.Invalid(broken.step, String.valueOf(broken.getMessage()), findings);
    }
  }

  private void found(ProofStep step, String sentence) {
    findings.add(new ProofVerdict.Finding(step, sentence));
  }

  private void checkNetwork() throws Broken {
    Hash256 ours = network.hash();
    if (!claim.network().equals(ours)) {
      throw new Broken(
          ProofStep.NETWORK,
          "the file is about the network whose parameters have the hash "
              + claim.network()
              + ", and those of "
              + network.name()
              + " have "
              + ours
              + "; check it with the parameters of its own network");
    }
    found(
        ProofStep.NETWORK,
        "the parameters of network "
            + network.name()
            + " have the hash "
            + ours
            + ", as the file says, and lead to the genesis "
            + network.genesisHash());
  }

  private void checkEntry() throws Broken {
    Transaction entry = claim.transaction();
    found(
        ProofStep.ENTRY,
        "SHA-256 of the entry's first "
            + (entry.size() - Signature.BYTES)
            + " bytes, all but the signature, is its id "
            + entry.id());
    Optional<Violation> violation = blockRules.checkTransaction(entry);
    if (violation.equals(Optional.of(Violation.AUTHOR_NOT_ALLOWED))) {
      throw new Broken(ProofStep.AUTHOR, Violation.AUTHOR_NOT_ALLOWED.sentence());
    }
    found(
        ProofStep.AUTHOR,
        "the author is "
            + entry.author()
            + (network.authors().isEmpty()
                ? ", and on this network everyone may write"
                : ", who is on the network's list of authors"));
    if (violation.isPresent()) {
      throw new Broken(ProofStep.SIGNATURE, violation.get().sentence());
    }
    found(
        ProofStep.SIGNATURE,
        "the signature "
            + entry.signature()
            + " is that author's over \""
            + Transaction.SIGNING_DOMAIN
            + "\", the genesis hash and the id");
  }

  private BlockHeader entrysBlock() throws Broken {
    long first = headers.get(0).height();
    long offset = claim.height() - first;
    if (offset < 0 || offset >= headers.size()) {
      throw new Broken(
          ProofStep.BLOCK,
          "the entry is said to be in block "
              + claim.height()
              + ", but the file has "
              + headers.size()
              + " headers from block "
              + first
              + " on");
    }
    BlockHeader block = headers.get((int) offset);
    if (claim.index() >= block.transactionCount()) {
      throw new Broken(
          ProofStep.BLOCK,
          "the entry is said to be number "
              + claim.index()
              + ", counted from 0, of block "
              + claim.height()
              + ", which has "
              + block.transactionCount());
    }
    found(
        ProofStep.BLOCK,
        "the entry is said to be number "
            + claim.index()
            + ", counted from 0, of the "
            + block.transactionCount()
            + " in block "
            + claim.height()
            + " "
            + block.hash());
    return block;
  }

  private void checkExpiry(BlockHeader block) throws Broken {
    long expiry = claim.transaction().expiryHeight();
    Optional<Violation> violation = blockRules.checkExpiry(claim.transaction(), claim.height());
    if (violation.isPresent()) {
      throw new Broken(ProofStep.EXPIRY, violation.get().about(block));
    }
    found(
        ProofStep.EXPIRY,
        "block "
            + claim.height()
            + " may hold it: it may be included up to block "
            + expiry
            + ", and that is at most "
            + network.expiryWindow()
            + " blocks later");
  }

  private void checkPath(BlockHeader block) throws Broken {
    Hash256 leaf = claim.transaction().leafHash();
    found(ProofStep.PATH, "SHA-256 of 00, the id and the signature is the entry's leaf " + leaf);
    Optional<List<MerkleProof.Junction>> way =
        new MerkleProof(claim.index(), block.transactionCount(), claim.path()).climb(leaf);
    if (way.isEmpty()) {
      throw new Broken(
          ProofStep.PATH,
          "a path of "
              + claim.path().size()
              + " hashes does not fit to entry number "
              + claim.index()
              + " of "
              + block.transactionCount());
    }
    Hash256 top = leaf;
    for (MerkleProof.Junction junction : way.get()) {
      found(
          ProofStep.PATH,
          "SHA-256 of 01, "
              + (junction.siblingIsLeft() ? "the neighbour " : "")
              + junction.left()
              + " and "
              + (junction.siblingIsLeft() ? "" : "the neighbour ")
              + junction.right()
              + " is "
              + junction.hash());
      top = junction.hash();
    }
    if (!top.equals(block.merkleRoot())) {
      throw new Broken(
          ProofStep.PATH,
          "the path leads from the entry to "
              + top
              + ", but block "
              + block.height()
              + " has the Merkle root "
              + block.merkleRoot());
    }
    found(ProofStep.PATH, "that is the Merkle root in the header of block " + block.height());
  }

  private boolean isFromGenesis() {
    return headers.get(0).hash().equals(network.genesisHash());
  }

  private void checkAnchor() throws Broken {
    BlockHeader first = headers.get(0);
    if (isFromGenesis()) {
      found(
          ProofStep.ANCHOR,
          "the first header, " + first.hash() + ", is the genesis of network " + network.name());
      if (checkpoint.isPresent()) {
        checkPassesThrough(checkpoint.get());
      }
      return;
    }
    if (first.height() == 0) {
      throw new Broken(
          ProofStep.ANCHOR,
          "the first header, "
              + first.hash()
              + ", is not the genesis of network "
              + network.name()
              + ", which is "
              + network.genesisHash());
    }
    if (checkpoint.isEmpty()) {
      throw new Broken(
          ProofStep.ANCHOR,
          "the file begins at block "
              + first.height()
              + " and not at genesis, so it proves nothing to who does not trust that block; ask"
              + " somebody you trust for the hash of block "
              + first.height()
              + ", and name it as the checkpoint");
    }
    checkIsCheckpoint(first, checkpoint.get());
  }

  private void checkPassesThrough(ChainPoint trusted) throws Broken {
    if (trusted.height() >= headers.size()) {
      throw new Broken(
          ProofStep.ANCHOR,
          "the checkpoint is block "
              + trusted.height()
              + ", but the file ends at block "
              + (headers.size() - 1)
              + "; ask for a proof with a later tip");
    }
    BlockHash there = headers.get((int) trusted.height()).hash();
    if (!there.equals(trusted.hash())) {
      throw otherThanCheckpoint(there, trusted);
    }
    found(ProofStep.ANCHOR, "block " + trusted.height() + " is the checkpoint " + trusted.hash());
  }

  private static Broken otherThanCheckpoint(BlockHash there, ChainPoint trusted) {
    return new Broken(
        ProofStep.ANCHOR,
        "block "
            + trusted.height()
            + " of the file is "
            + there
            + ", and not the checkpoint "
            + trusted.hash());
  }

  private void checkIsCheckpoint(BlockHeader first, ChainPoint trusted) throws Broken {
    if (first.height() != trusted.height()) {
      throw new Broken(
          ProofStep.ANCHOR,
          "the file begins at block "
              + first.height()
              + ", but the checkpoint is block "
              + trusted.height()
              + "; ask for a proof from the checkpoint on");
    }
    if (!first.hash().equals(trusted.hash())) {
      throw otherThanCheckpoint(first.hash(), trusted);
    }
    // Trusted as it is, it cannot be less than a block: even a mistaken trust costs a forger work.
    if (first.version() != HeaderRules.VERSION) {
      throw new Broken(ProofStep.ANCHOR, Violation.UNKNOWN_VERSION.about(first));
    }
    if (!headerRules.carriesWork(first)) {
      throw new Broken(ProofStep.ANCHOR, Violation.NOT_ENOUGH_WORK.about(first));
    }
    found(
        ProofStep.ANCHOR,
        "the first header, block "
            + first.height()
            + " "
            + first.hash()
            + ", is the checkpoint that you trust");
  }

  private void checkHeaders() throws Broken {
    for (int i = 1; i < headers.size(); i++) {
      BlockHeader header = headers.get(i);
      long median = medianBefore(i);
      Optional<Violation> violation =
          headerRules.check(header, Seal.NONE, headers.get(i - 1), median);
      if (violation.isPresent()) {
        throw new Broken(ProofStep.HEADER, violation.get().about(header));
      }
      found(ProofStep.HEADER, aboutGood(header, median));
    }
  }

  /**
   * Of the block at this place in the file. Behind a checkpoint it is unknown until all ancestors
   * that it is about are in the file.
   */
  private long medianBefore(int place) {
    int ancestors = Math.min(place, HeaderRules.MEDIAN_ANCESTORS);
    if (ancestors < HeaderRules.MEDIAN_ANCESTORS && !isFromGenesis()) {
      return NO_MEDIAN;
    }
    long[] timestamps = new long[ancestors];
    for (int i = 0; i < ancestors; i++) {
      timestamps[i] = headers.get(place - 1 - i).timestamp();
    }
    return HeaderRules.median(timestamps);
  }

  private static String aboutGood(BlockHeader header, long median) {
    return "block "
        + header.height()
        + ": SHA-256 of SHA-256 of its 100 bytes is "
        + header.hash()
        + ", not above the target "
        + Target.fromCompact(header.bits()).orElseThrow().value()
        + ", which is what the difficulty rule asks for; it names the block before it as its"
        + " parent; its time "
        + header.timestamp()
        + (median == NO_MEDIAN
            ? " is not held against the median, since fewer than "
                + HeaderRules.MEDIAN_ANCESTORS
                + " blocks before it are in the file"
            : " is above the median " + median + " of those before it");
  }

  private void checkTip() throws Broken {
    ChainPoint last = ChainPoint.of(headers.get(headers.size() - 1));
    if (!last.equals(claim.tip())) {
      throw new Broken(
          ProofStep.TIP,
          "the file names block "
              + claim.tip().height()
              + " "
              + claim.tip().hash()
              + " as its tip, but its last header is block "
              + last.height()
              + " "
              + last.hash());
    }
    found(
        ProofStep.TIP,
        "the last header, block "
            + last.height()
            + " "
            + last.hash()
            + ", is the tip that the"
            + " file names");
  }

  private Work workOn(BlockHeader block) {
    int place = (int) (block.height() - headers.get(0).height());
    Work work = Work.ZERO;
    for (BlockHeader header : headers.subList(place, headers.size())) {
      work = work.plus(headerRules.workOf(header));
    }
    found(
        ProofStep.WORK,
        "block "
            + block.height()
            + " and the "
            + (headers.size() - place - 1)
            + " on top of it took "
            + work
            + " hashes on average");
    return work;
  }
}
