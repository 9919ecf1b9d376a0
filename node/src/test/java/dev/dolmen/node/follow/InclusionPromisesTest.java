package dev.dolmen.node.follow;

import static dev.dolmen.node.follow.Confirmations.confirmations;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dolmen.core.Blocks;
import dev.dolmen.core.block.BlockHash;
import dev.dolmen.core.block.TransactionId;
import dev.dolmen.core.store.TransactionPlace;
import dev.dolmen.node.follow.InclusionPromises.Due;
import dev.dolmen.node.follow.InclusionPromises.Move;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InclusionPromisesTest {

  private static final TransactionId ENTRY = Blocks.transaction("alice", "entry", 20).id();
  private static final TransactionId OTHER = Blocks.transaction("alice", "other", 20).id();
  private static final BlockHash BLOCK = Blocks.genesis().hash();

  private final InclusionPromises<String> promises = new InclusionPromises<>();

  private List<Due<String>> foundAt(long tipHeight, long height) {
    return promises.found(tipHeight, Map.of(ENTRY, place(ENTRY, height)), Map.of());
  }

  private List<Due<String>> notFoundAt(long tipHeight) {
    return promises.found(tipHeight, Map.of(), Map.of());
  }

  private static TransactionPlace place(TransactionId id, long height) {
    return new TransactionPlace(id, height, BLOCK, 3);
  }

  private static Due<String> kept(String promise, long height, long confirmations) {
    return new Due<>(
        promise, ENTRY, Optional.of(new Inclusion(ENTRY, BLOCK, height, 3, confirmations)));
  }

  @Test
  void anEntryThatIsDeepAlreadyIsDueAtOnce() {
    promises.add("p", ENTRY, confirmations(6));

    assertThat(promises.toLookFor(100, Move.NONE)).containsExactly(ENTRY);
    assertEquals(List.of(kept("p", 10, 91)), foundAt(100, 10));
    assertThat(promises.isEmpty()).isTrue();
  }

  @Test
  void onceInABlockItIsLookedForAgainWhenThatIsDeepEnough() {
    promises.add("p", ENTRY, confirmations(6));
    promises.toLookFor(10, Move.NONE);
    assertEquals(List.of(), foundAt(10, 10));

    assertThat(promises.toLookFor(14, Move.FORWARD)).isEmpty();
    assertEquals(List.of(), notFoundAt(14));
    assertThat(promises.toLookFor(15, Move.FORWARD)).containsExactly(ENTRY);
    assertEquals(List.of(kept("p", 10, 6)), foundAt(15, 10));
  }

  @Test
  void oneThatIsInNoBlockIsLookedForAtEachMove() {
    promises.add("p", ENTRY, confirmations(1));
    promises.toLookFor(10, Move.NONE);
    assertEquals(List.of(), notFoundAt(10));

    assertThat(promises.toLookFor(11, Move.FORWARD)).containsExactly(ENTRY);
    assertEquals(List.of(), notFoundAt(11));
    assertThat(promises.toLookFor(12, Move.FORWARD)).containsExactly(ENTRY);
    assertEquals(List.of(kept("p", 12, 1)), foundAt(12, 12));
  }

  @Test
  void whileTheTipStandsOnlyNewcomersAreLookedFor() {
    promises.add("p", ENTRY, confirmations(1));
    promises.toLookFor(10, Move.NONE);
    notFoundAt(10);

    promises.add("q", OTHER, confirmations(1));
    assertThat(promises.toLookFor(10, Move.NONE)).containsExactly(OTHER);
    notFoundAt(10);
    assertThat(promises.toLookFor(10, Move.NONE)).isEmpty();
  }

  @Test
  void aReorganisationMayUndoAnythingSoAllAreLookedForAndWhatIsUndoneWaitsOn() {
    promises.add("p", ENTRY, confirmations(6));
    promises.toLookFor(10, Move.NONE);
    foundAt(10, 10);

    assertThat(promises.toLookFor(11, Move.REORGANISED)).containsExactly(ENTRY);
    assertEquals(List.of(), notFoundAt(11));
    assertThat(promises.toLookFor(12, Move.FORWARD)).containsExactly(ENTRY);
    assertEquals(List.of(), foundAt(12, 12));
    assertThat(promises.toLookFor(15, Move.FORWARD)).as("10 + 5 counts no more").isEmpty();
    notFoundAt(15);
    promises.toLookFor(17, Move.FORWARD);
    assertEquals(List.of(kept("p", 12, 6)), foundAt(17, 12));
  }

  @Test
  void anEntryOutsideTheChainExpiresWhenTheTipHasReachedItsExpiry() {
    promises.add("p", ENTRY, confirmations(1));
    promises.toLookFor(19, Move.NONE);
    assertEquals(List.of(), promises.found(19, Map.of(), Map.of(ENTRY, 20L)));

    promises.toLookFor(20, Move.FORWARD);
    assertEquals(
        List.of(new Due<>("p", ENTRY, Optional.<Inclusion>empty())),
        promises.found(20, Map.of(), Map.of(ENTRY, 20L)));
    assertThat(promises.isEmpty()).isTrue();
  }

  @Test
  void anEntryInTheChainNeverExpires() {
    promises.add("p", ENTRY, confirmations(6));
    promises.toLookFor(20, Move.NONE);

    assertEquals(
        List.of(), promises.found(20, Map.of(ENTRY, place(ENTRY, 20)), Map.of(ENTRY, 20L)));
    promises.toLookFor(25, Move.FORWARD);
    assertEquals(List.of(kept("p", 20, 6)), foundAt(25, 20));
  }

  @Test
  void oneEntryMayBeAwaitedAtSeveralDepths() {
    promises.add("shallow", ENTRY, confirmations(1));
    promises.add("deep", ENTRY, confirmations(2));

    assertThat(promises.toLookFor(10, Move.NONE)).containsExactly(ENTRY);
    assertEquals(List.of(kept("shallow", 10, 1)), foundAt(10, 10));
    promises.toLookFor(11, Move.FORWARD);
    assertEquals(List.of(kept("deep", 10, 2)), foundAt(11, 10));
  }

  @Test
  void nothingIsKeptForWhoDoesNotWaitAnyMore() {
    promises.add("new", ENTRY, confirmations(6));
    promises.remove("new");
    assertThat(promises.toLookFor(10, Move.FORWARD)).isEmpty();

    promises.add("outside", ENTRY, confirmations(6));
    promises.toLookFor(10, Move.NONE);
    notFoundAt(10);
    promises.remove("outside");

    promises.add("in a block", ENTRY, confirmations(6));
    promises.toLookFor(10, Move.NONE);
    foundAt(10, 10);
    promises.remove("in a block");
    promises.remove("never there");

    assertThat(promises.isEmpty()).isTrue();
    assertThat(promises.toLookFor(99, Move.REORGANISED)).isEmpty();
  }

  @Test
  void aDepthThatNoChainReachesIsNeverReached() {
    promises.add("p", ENTRY, confirmations(Long.MAX_VALUE));
    promises.toLookFor(10, Move.NONE);
    assertEquals(List.of(), foundAt(10, 10));

    assertThat(promises.toLookFor(1_000_000, Move.FORWARD)).isEmpty();
  }

  @Test
  void theTipHasOneConfirmationAndNoBlockHasFewer() {
    assertEquals(1, confirmations(1).blocks());
    assertThatThrownBy(() -> confirmations(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
