package dev.dolmen.core.proof;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.Block;
import dev.dolmen.core.block.BlockHeader;
import dev.dolmen.core.block.MerkleTree;
import dev.dolmen.core.block.Transaction;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Hash256;
import dev.dolmen.core.signature.SigningKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A proof file in the making: a chain that grows by the methods named after blocks, the last block
 * with entries being the one that is proved; then anything in it may be changed. Immutable.
 */
record Sample(
    NetworkParameters network,
    List<BlockHeader> headers,
    List<Transaction> entries,
    Optional<Transaction> entry,
    long height,
    int index,
    List<Hash256> path,
    Optional<ChainPoint> tip,
    UnaryOperator<String> change) {

  static Sample on(NetworkParameters network) {
    return startingAt(network, network.genesis().header());
  }

  static Sample startingAt(NetworkParameters network, BlockHeader first) {
    return new Sample(
        network,
        List.of(first),
        List.of(),
        Optional.empty(),
        0,
        0,
        List.of(),
        Optional.empty(),
        UnaryOperator.identity());
  }

  BlockHeader last() {
    return headers.get(headers.size() - 1);
  }

  Sample empty(int count) {
    Sample longer = this;
    for (int i = 0; i < count; i++) {
      longer = longer.header(Blocks.on(network).after(longer.last()).build().header());
    }
    return longer;
  }

  Sample block(SigningKey author, String text) {
    return block(
        List.of(Blocks.on(network).signed(author, text, last().height() + 1 + EXPIRES_AFTER)));
  }

  private static final long EXPIRES_AFTER = 20;

  Sample block(List<Transaction> transactions) {
    Block block = Blocks.on(network).after(last()).withTransactions(transactions).build();
    return header(block.header())
        .with(transactions, transactions.get(0), block.height(), 0, List.of())
        .entry(0);
  }

  /** Another entry of the same block is the one that is proved. */
  Sample entry(int place) {
    List<Hash256> leaves = entries.stream().map(Transaction::leafHash).toList();
    return with(entries, entries.get(place), height, place, MerkleTree.proof(leaves, place).path());
  }

  private Sample with(
      List<Transaction> all, Transaction one, long at, int place, List<Hash256> hashes) {
    return new Sample(
        network, headers, all, Optional.of(one), at, place, List.copyOf(hashes), tip, change);
  }

  private Sample with(List<BlockHeader> others) {
    return new Sample(
        network, List.copyOf(others), entries, entry, height, index, path, tip, change);
  }

  Sample header(BlockHeader header) {
    List<BlockHeader> more = new ArrayList<>(headers);
    more.add(header);
    return with(more);
  }

  Sample from(long first) {
    return with(headers.stream().filter(header -> header.height() >= first).toList());
  }

  Sample to(long last) {
    return with(headers.stream().filter(header -> header.height() <= last).toList());
  }

  Sample without(long left) {
    return with(headers.stream().filter(header -> header.height() != left).toList());
  }

  Sample twice(int place) {
    List<BlockHeader> more = new ArrayList<>(headers);
    more.add(place, headers.get(place));
    return with(more);
  }

  Sample claiming(Transaction other) {
    return with(List.of(other), other, height, index, path);
  }

  Sample atHeight(long other) {
    return with(entries, entry.orElseThrow(), other, index, path);
  }

  Sample atIndex(int other) {
    return with(entries, entry.orElseThrow(), height, other, path);
  }

  Sample withPath(List<Hash256> other) {
    return with(entries, entry.orElseThrow(), height, index, other);
  }

  Sample withTip(ChainPoint other) {
    return new Sample(
        network, headers, entries, entry, height, index, path, Optional.of(other), change);
  }

  Sample changed(UnaryOperator<String> other) {
    return new Sample(network, headers, entries, entry, height, index, path, tip, other);
  }

  ChainPoint anchor() {
    return ChainPoint.of(headers.get(0));
  }

  ProofFile file() {
    return new ProofFile(
        new Claim(
            network.hash(),
            entry.orElseThrow(),
            height,
            index,
            path,
            tip.orElseGet(() -> ChainPoint.of(last()))),
        headers);
  }

  String text() {
    return change.apply(new String(file().toBytes(), ISO_8859_1));
  }

  ProofCase against(NetworkParameters held) {
    return new ProofCase("", held, Optional.empty(), text(), Optional.empty());
  }

  ProofCase against(NetworkParameters held, ChainPoint checkpoint) {
    return new ProofCase("", held, Optional.of(checkpoint), text(), Optional.empty());
  }
}
