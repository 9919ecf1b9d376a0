package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AddressBookTest {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long DAY = Duration.ofDays(1).toNanos();
  private static final Endpoint PLACE = at("20.0.0.1");
  private static final Endpoint.Group SOURCE = at("30.0.0.1").group();

  private final SplittableRandom random = new SplittableRandom(1);
  private final AddressBook book = new AddressBook(random);

  @Test
  void whatIsToldIsNewUntilSomebodyIsMetThere() {
    book.heard(PLACE, SOURCE, 0);
    assertThat(book.hasMet(PLACE)).isFalse();
    assertThat(told(100, 8)).isEmpty();

    book.reached(PLACE, 1);
    assertThat(book.hasMet(PLACE)).isTrue();
    assertThat(told(100, 8)).containsExactly(PLACE);
    assertThat(book.size()).isEqualTo(1);
  }

  @Test
  void whatFailsIsNotToldUntilItIsMetAgain() {
    book.reached(PLACE, 0);
    book.failed(PLACE, 1);
    assertThat(told(100, 8)).isEmpty();
    book.reached(PLACE, 2);
    assertThat(told(100, 8)).containsExactly(PLACE);
  }

  @Test
  void anAddressRestsAfterEachTryAndLongerAfterEachFailure() {
    book.heard(PLACE, SOURCE, 0);
    assertThat(book.draw(false, e -> true, random, 0)).contains(PLACE);
    book.trying(PLACE, 0);
    assertThat(book.draw(false, e -> true, random, MINUTE - 1)).isEmpty();
    assertThat(book.draw(false, e -> true, random, MINUTE)).contains(PLACE);
    book.failed(PLACE, MINUTE);
    assertThat(book.draw(false, e -> true, random, 2 * MINUTE - 1)).isEmpty();
    assertThat(book.draw(false, e -> true, random, 2 * MINUTE)).contains(PLACE);
    assertThat(book.draw(false, e -> false, random, 2 * MINUTE)).isEmpty();
  }

  @Test
  void oneSourceFillsNoMoreThanItsBucketsHoweverMuchItTells() {
    for (int i = 0; i < 200_000; i++) {
      book.heard(at("40." + i % 250 + "." + i / 250 % 250 + "." + i / 62_500), SOURCE, 0);
    }
    int most = AddressBook.NEW_BUCKETS_PER_SOURCE * AddressBook.BUCKET_PLACES;
    assertThat(book.size()).isBetween(most / 2, most);
  }

  @Test
  void allSourcesTogetherFillNoMoreThanTheTable() {
    for (int i = 0; i < 200_000; i++) {
      Endpoint.Group source = at(i % 200 + 1 + "." + i / 200 % 200 + ".0.1").group();
      book.heard(at("40." + i % 250 + "." + i / 250 % 250 + "." + i / 62_500), source, 0);
    }
    int most = AddressBook.NEW_BUCKETS * AddressBook.BUCKET_PLACES;
    assertThat(book.size()).isBetween(most / 2, most);
  }

  @Test
  void manyAddressesOfOneGroupAreDrawnAsSeldomAsOne() {
    for (int i = 0; i < 400; i++) {
      book.reached(at("40.0." + i / 200 + "." + (1 + i % 200)), 0);
    }
    book.reached(PLACE, 0);
    book.reached(at("21.0.0.1"), 0);
    book.forget(at("21.0.0.1"));
    int lonely = 0;
    for (int i = 0; i < 1_000; i++) {
      lonely += book.draw(false, e -> true, random, DAY).orElseThrow().equals(PLACE) ? 1 : 0;
    }
    assertThat(lonely).isBetween(200, 350);
  }

  @Test
  void aTriedAddressIsTestedBeforeAnotherTakesItsPlace() {
    Endpoint second = rivalOf(PLACE);
    assertThat(book.contested(MINUTE)).contains(PLACE);
    assertThat(book.hasMet(second)).isFalse();

    book.reached(PLACE, MINUTE);
    assertThat(book.contested(2 * MINUTE)).isEmpty();
    assertThat(book.hasMet(PLACE)).isTrue();
  }

  @Test
  void aTriedAddressWhereNobodyAnswersGivesWay() {
    Endpoint second = rivalOf(PLACE);
    book.trying(PLACE, MINUTE);
    assertThat(book.contested(MINUTE)).as("it is being tested").isEmpty();
    book.failed(PLACE, MINUTE + 1);
    assertThat(book.hasMet(second)).isTrue();
    assertThat(book.hasMet(PLACE)).isFalse();
    assertThat(book.contested(2 * MINUTE)).isEmpty();
  }

  /** Another address of the same group that belongs in the same place, and was met. */
  private Endpoint rivalOf(Endpoint first) {
    book.reached(first, 0);
    for (int i = 0; i < 60_000; i++) {
      Endpoint rival = at("20.0." + i / 250 + "." + (i % 250 + 2));
      book.heard(rival, SOURCE, 0);
      book.reached(rival, 0);
      Optional<Endpoint> contested = book.contested(MINUTE);
      if (contested.isPresent()) {
        if (contested.get().equals(first)) {
          return rival;
        }
        book.forget(rival);
      }
    }
    throw new AssertionError("no rival");
  }

  @Test
  void newAddressesAreReplacedOnceTheyAreStale() {
    for (int i = 0; i < 100_000; i++) {
      book.heard(at("40.0." + i / 250 % 250 + "." + i % 250), SOURCE, 0);
    }
    int full = book.size();
    Endpoint late = at("41.0.0.1");
    for (int port = 1; port < 2_000; port++) {
      book.heard(new Endpoint(late.ip(), port), SOURCE, 29 * DAY);
    }
    int afterMore = book.size();
    assertThat(afterMore - full).as("what finds free places").isLessThan(200);
    for (int port = 2_000; port < 4_000; port++) {
      book.heard(new Endpoint(late.ip(), port), SOURCE, 30 * DAY);
    }
    assertThat(book.draw(true, e -> e.port() >= 2_000, random, 30 * DAY)).isPresent();
  }

  @Test
  void tellsAPartButNeverLessThanANewcomerNeeds() {
    for (int i = 0; i < 100; i++) {
      book.reached(at(i + 20 + ".0.0.1"), 0);
      book.heard(at(i + 20 + ".1.0.1"), SOURCE, 0);
    }
    assertThat(told(23, 8)).hasSize(23).doesNotHaveDuplicates();
    assertThat(told(5, 8)).hasSize(8);
    assertThat(book.tell(e -> true, 100, 8, 10, random)).hasSize(10);
    assertThat(book.tell(e -> e.equals(at("20.0.0.1")), 23, 8, 1_000, random)).hasSize(1);
  }

  @Test
  void isTheSameAfterItWasSaved() {
    for (int i = 0; i < 50; i++) {
      book.heard(at(i + 20 + ".1.0.1"), SOURCE, 0);
      book.reached(at(i + 20 + ".0.0.1"), 0);
    }
    book.failed(at("20.1.0.1"), 0);
    List<String> text = book.save(DAY).toText();

    AddressBook again = AddressBook.restore(AddressBook.Saved.parse(text), 5 * DAY);

    assertThat(again.size()).isEqualTo(book.size());
    assertThat(again.triedSize()).isEqualTo(50);
    assertThat(again.save(5 * DAY).toText()).isEqualTo(text);
  }

  @Test
  void whatWasNotSavedByItIsRefused() {
    List<String> good = new ArrayList<>(book.save(0).toText());
    for (String line :
        new String[] {
          "",
          "tried",
          "old 1.2.3.4:5 1.2.0.0 0 0 0 0",
          "new alice:5 1.2.0.0 0 0 -1 0",
          "new 1.2.3.4:5 alice 0 0 -1 0",
          "new 1.2.3.4:5 1.2.0.0 0 -1 -1 0",
          "new 1.2.3.4:5 1.2.0.0 0 0 -2 0",
          "new 1.2.3.4:5 1.2.0.0 0 0 -1 -1",
          "new 1.2.3.4:5 1.2.0.0 0 0 x 0",
          "new 1.2.3.4:5 1.2.0.0 0 99999999999 -1 0"
        }) {
      List<String> bad = new ArrayList<>(good);
      bad.add(line);
      assertThatThrownBy(() -> AddressBook.Saved.parse(bad))
          .as(line)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> AddressBook.Saved.parse(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Discovery.Saved.parse(List.of("anchor alice:1", good.get(0))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<Endpoint> told(int percent, int least) {
    return book.tell(e -> true, percent, least, 1_000, random);
  }

  private static Endpoint at(String ip) {
    return new Endpoint(IpAddressTest.ip(ip), 8_555);
  }
}
