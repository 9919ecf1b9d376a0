package dev.dolmen.network.peers;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.dolmen.network.peers.Endpoint.Group;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Where peers may be found, of fixed size however much we are told. <em>New</em> are addresses that
 * somebody told us of, in buckets that depend on who told: whoever has few groups of addresses
 * fills few buckets, however many addresses it tells. <em>Tried</em> are those at which we met a
 * peer. An address that would take the place of a tried one has to wait until that one has been
 * tested and did not answer. Which bucket is whose depends on a secret key. Of the tried a group is
 * drawn first and then an address in it: many addresses in few groups are drawn as seldom as few.
 *
 * <p>After Bitcoin Core's {@code addrman}, with one place for each address, and the draw by group.
 * Pure: times are nanoseconds of one monotonic clock, and what is saved are ages, since a wall
 * clock may lie.
 */
public final class AddressBook {

  static final int NEW_BUCKETS = 1_024;
  static final int TRIED_BUCKETS = 256;
  static final int BUCKET_PLACES = 64;

  /** Buckets among the new that the addresses told by one group can be in. */
  static final int NEW_BUCKETS_PER_SOURCE = 64;

  /** Buckets among the tried that the addresses of one group can be in. */
  static final int TRIED_BUCKETS_PER_GROUP = 8;

  /** Tried addresses that wait to be tested because another wants their place. */
  static final int MAX_CONTESTED = 16;

  /** After a try, before the same address is tried again; doubled with each failure in a row. */
  static final Duration RETRY = Duration.ofMinutes(1);

  private static final int MOST_DOUBLINGS = 6;

  /** Tries in vain after which an address at which we never met anybody may be replaced. */
  static final int MAX_FIRST_TRIES = 3;

  /** Tries in vain after which one at which we met somebody may be replaced. */
  static final int MAX_TRIES = 10;

  /** New addresses that were not heard of for so long may be replaced. */
  static final Duration STALE = Duration.ofDays(30);

  private static final int DRAWS = 64;
  private static final long NEVER = Long.MIN_VALUE;

  /**
   * One address and what we know of it.
   *
   * @param source who told us first
   * @param heard when it was told or met first
   * @param tried when it was last dialled
   * @param reached when we last met a peer there
   * @param failures tries in vain since then
   */
  record Entry(
      Endpoint endpoint, Group source, long heard, long tried, long reached, int failures) {

    boolean wasReached() {
      return reached != NEVER;
    }

    Entry triedAt(long now) {
      return new Entry(endpoint, source, heard, now, reached, failures);
    }

    Entry failed() {
      return new Entry(endpoint, source, heard, tried, reached, failures + 1);
    }

    Entry reachedAt(long now) {
      return new Entry(endpoint, source, heard, now, now, 0);
    }

    boolean isHopeless(long now) {
      return failures >= (wasReached() ? MAX_TRIES : MAX_FIRST_TRIES)
          || (!wasReached() && now - heard >= STALE.toNanos());
    }

    boolean rests(long now) {
      return tried != NEVER && now - tried < RETRY.toNanos() << Math.min(failures, MOST_DOUBLINGS);
    }
  }

  /** A table of places, in buckets. */
  private static final class Table {
    final @Nullable Entry[] places;
    final int[] filled;
    int size;

    Table(int buckets) {
      places = new @Nullable Entry[buckets * BUCKET_PLACES];
      filled = new int[buckets];
    }

    void set(int place, @Nullable Entry entry) {
      int change = (entry == null ? 0 : 1) - (places[place] == null ? 0 : 1);
      places[place] = entry;
      filled[place / BUCKET_PLACES] += change;
      size += change;
    }

    /** Evenly among buckets that have something, then among what is in it. */
    Optional<Entry> draw(RandomGenerator random) {
      if (size == 0) {
        return Optional.empty();
      }
      int inUse = 0;
      for (int count : filled) {
        inUse += count > 0 ? 1 : 0;
      }
      int skip = random.nextInt(inUse);
      int bucket = 0;
      while (filled[bucket] == 0 || skip-- > 0) {
        bucket++;
      }
      int nth = random.nextInt(filled[bucket]);
      for (int i = 0; i < BUCKET_PLACES; i++) {
        Entry entry = places[bucket * BUCKET_PLACES + i];
        if (entry != null && nth-- == 0) {
          return Optional.of(entry);
        }
      }
      throw new IllegalStateException("bucket " + bucket + " counts wrong");
    }
  }

  /** Endpoints, to be drawn evenly among their groups. */
  private static final class ByGroup {
    private final Map<Group, List<Endpoint>> members = new LinkedHashMap<>();
    private final List<List<Endpoint>> groups = new ArrayList<>();

    void add(Endpoint endpoint) {
      List<Endpoint> group = members.get(endpoint.group());
      if (group == null) {
        group = new ArrayList<>();
        members.put(endpoint.group(), group);
        groups.add(group);
      }
      group.add(endpoint);
    }

    void remove(Endpoint endpoint) {
      List<Endpoint> group = members.get(endpoint.group());
      if (group != null && group.remove(endpoint) && group.isEmpty()) {
        members.remove(endpoint.group());
        groups.removeIf(List::isEmpty);
      }
    }

    /** Evenly among the groups, then among the members of one. */
    Optional<Endpoint> draw(RandomGenerator random) {
      if (groups.isEmpty()) {
        return Optional.empty();
      }
      List<Endpoint> group = groups.get(random.nextInt(groups.size()));
      return Optional.of(group.get(random.nextInt(group.size())));
    }
  }

  private final long key0;
  private final long key1;
  private final HashFunction keyed;
  private final Table fresh = new Table(NEW_BUCKETS);
  private final Table tried = new Table(TRIED_BUCKETS);
  private final Map<Endpoint, Integer> freshPlaces = new LinkedHashMap<>();
  private final Map<Endpoint, Integer> triedPlaces = new LinkedHashMap<>();
  private final ByGroup triedByGroup = new ByGroup();

  /** Who waits for the place of a tried one, by the one that has it. */
  private final Map<Endpoint, Endpoint> contested = new LinkedHashMap<>();

  /**
   * An empty one.
   *
   * @param random draws the key
   */
  public AddressBook(RandomGenerator random) {
    this(random.nextLong(), random.nextLong());
  }

  private AddressBook(long key0, long key1) {
    this.key0 = key0;
    this.key1 = key1;
    this.keyed = Hashing.sipHash24(key0, key1);
  }

  /** Somebody of this group says that a peer listens there. */
  public void heard(Endpoint endpoint, Group source, long now) {
    if (freshPlaces.containsKey(endpoint) || triedPlaces.containsKey(endpoint)) {
      return;
    }
    putFresh(new Entry(endpoint, source, now, NEVER, NEVER, 0), now);
  }

  /** It is dialled now. */
  public void trying(Endpoint endpoint, long now) {
    update(endpoint, entry -> entry.triedAt(now));
  }

  /** Nobody of our network was met there. */
  public void failed(Endpoint endpoint, long now) {
    update(endpoint, Entry::failed);
    Endpoint rival = contested.remove(endpoint);
    Integer place = triedPlaces.get(endpoint);
    if (rival != null && place != null) {
      giveUp(endpoint, place, now);
      promote(rival, now);
    }
  }

  /** A peer of our network was met there. */
  public void reached(Endpoint endpoint, long now) {
    update(endpoint, entry -> entry.reachedAt(now));
    contested.remove(endpoint);
    if (!triedPlaces.containsKey(endpoint)) {
      if (!freshPlaces.containsKey(endpoint)) {
        putFresh(new Entry(endpoint, endpoint.group(), now, now, now, 0), now);
      }
      promote(endpoint, now);
    }
  }

  /** It leads nowhere we want to go. */
  public void forget(Endpoint endpoint) {
    Integer place = freshPlaces.remove(endpoint);
    if (place != null) {
      fresh.set(place, null);
    }
    place = triedPlaces.get(endpoint);
    if (place != null) {
      takeFromTried(endpoint, place);
    }
    contested.remove(endpoint);
    contested.values().removeIf(endpoint::equals);
  }

  /** A tried address whose place another wants, and which must be tested for that. */
  public Optional<Endpoint> contested(long now) {
    return contested.keySet().stream()
        .filter(
            endpoint -> {
              Entry entry = find(endpoint);
              return entry != null && !entry.rests(now);
            })
        .findFirst();
  }

  /**
   * An address to dial, by chance.
   *
   * @param onlyNew not one of the tried
   * @param wanted whether it is of use
   */
  public Optional<Endpoint> draw(
      boolean onlyNew, Predicate<Endpoint> wanted, RandomGenerator random, long now) {
    for (int i = 0; i < DRAWS; i++) {
      boolean fromNew = onlyNew || tried.size == 0 || (fresh.size > 0 && random.nextBoolean());
      Optional<Endpoint> drawn =
          (fromNew ? fresh.draw(random) : triedByGroup.draw(random).map(this::find))
              .filter(entry -> !entry.rests(now))
              .map(Entry::endpoint)
              .filter(wanted);
      if (drawn.isPresent()) {
        return drawn;
      }
    }
    return Optional.empty();
  }

  /**
   * Some of the addresses at which we ourselves met a peer, for another to know.
   *
   * @param mayKnow whether that other may be told of it
   * @param percent of all that may be told, at most
   * @param least how many it may be in any case, if there are as many
   * @param most how many it may be at most
   */
  ImmutableList<Endpoint> tell(
      Predicate<Endpoint> mayKnow, int percent, int least, int most, RandomGenerator random) {
    List<Endpoint> all = new ArrayList<>();
    for (Entry entry : tried.places) {
      if (entry != null && entry.failures == 0 && mayKnow.test(entry.endpoint)) {
        all.add(entry.endpoint);
      }
    }
    int count = Math.min(most, Math.max(all.size() * percent / 100, Math.min(least, all.size())));
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(all.size() - i);
      Endpoint swapped = all.get(i);
      all.set(i, all.get(other));
      all.set(other, swapped);
    }
    return ImmutableList.copyOf(all.subList(0, count));
  }

  /** Whether a peer was met there, and this is remembered. */
  public boolean hasMet(Endpoint endpoint) {
    return triedPlaces.containsKey(endpoint);
  }

  /** Addresses known, new and tried. */
  public int size() {
    return fresh.size + tried.size;
  }

  /** Addresses at which we met a peer. */
  public int triedSize() {
    return tried.size;
  }

  private @Nullable Entry find(Endpoint endpoint) {
    Integer place = freshPlaces.get(endpoint);
    if (place != null) {
      return fresh.places[place];
    }
    place = triedPlaces.get(endpoint);
    return place == null ? null : tried.places[place];
  }

  private interface Change {
    Entry of(Entry entry);
  }

  private void update(Endpoint endpoint, Change change) {
    update(freshPlaces.get(endpoint), fresh, change);
    update(triedPlaces.get(endpoint), tried, change);
  }

  private static void update(@Nullable Integer place, Table table, Change change) {
    Entry entry = place == null ? null : table.places[place];
    if (place != null && entry != null) {
      table.places[place] = change.of(entry);
    }
  }

  private void putFresh(Entry entry, long now) {
    int place = freshPlace(entry);
    Entry there = fresh.places[place];
    if (there != null && !there.isHopeless(now)) {
      return;
    }
    if (there != null) {
      freshPlaces.remove(there.endpoint);
    }
    fresh.set(place, entry);
    freshPlaces.put(entry.endpoint, place);
  }

  /** From the new to the tried, if its place is free or may be taken. */
  private void promote(Endpoint endpoint, long now) {
    Integer from = freshPlaces.get(endpoint);
    Entry entry = from == null ? null : fresh.places[from];
    if (from == null || entry == null) {
      return;
    }
    int place = triedPlace(endpoint);
    Entry there = tried.places[place];
    if (there != null && !there.isHopeless(now)) {
      if (contested.size() < MAX_CONTESTED) {
        contested.putIfAbsent(there.endpoint, endpoint);
      }
      return;
    }
    fresh.set(from, null);
    freshPlaces.remove(endpoint);
    if (there != null) {
      giveUp(there.endpoint, place, now);
    }
    putTried(entry, place);
  }

  private void putTried(Entry entry, int place) {
    tried.set(place, entry);
    triedPlaces.put(entry.endpoint, place);
    triedByGroup.add(entry.endpoint);
  }

  private void takeFromTried(Endpoint endpoint, int place) {
    tried.set(place, null);
    triedPlaces.remove(endpoint);
    triedByGroup.remove(endpoint);
  }

  /** From the tried to the new, as somebody that might be there again. */
  private void giveUp(Endpoint endpoint, int place, long now) {
    Entry entry = tried.places[place];
    takeFromTried(endpoint, place);
    contested.remove(endpoint);
    if (entry != null) {
      putFresh(entry, now);
    }
  }

  private int freshPlace(Entry entry) {
    Group source = entry.source;
    long slot =
        Math.floorMod(
            hasher('s', source).putInt(groupHash(entry.endpoint.group())).hash().asLong(),
            NEW_BUCKETS_PER_SOURCE);
    int bucket =
        (int) Math.floorMod(hasher('n', source).putLong(slot).hash().asLong(), (long) NEW_BUCKETS);
    return place('N', bucket, entry.endpoint);
  }

  private int triedPlace(Endpoint endpoint) {
    long slot =
        Math.floorMod(
            hasher('e', endpoint.group())
                .putInt(endpoint.port())
                .putLong(endpoint.ip().high())
                .putLong(endpoint.ip().low())
                .hash()
                .asLong(),
            TRIED_BUCKETS_PER_GROUP);
    int bucket =
        (int)
            Math.floorMod(
                hasher('t', endpoint.group()).putLong(slot).hash().asLong(), (long) TRIED_BUCKETS);
    return place('T', bucket, endpoint);
  }

  private int place(char table, int bucket, Endpoint endpoint) {
    long hash =
        keyed
            .newHasher()
            .putChar(table)
            .putInt(bucket)
            .putLong(endpoint.ip().high())
            .putLong(endpoint.ip().low())
            .putInt(endpoint.port())
            .hash()
            .asLong();
    return bucket * BUCKET_PLACES + (int) Math.floorMod(hash, (long) BUCKET_PLACES);
  }

  private int groupHash(Group group) {
    return hasher('g', group).hash().asInt();
  }

  private Hasher hasher(char purpose, Group group) {
    return keyed
        .newHasher()
        .putChar(purpose)
        .putLong(group.network().high())
        .putLong(group.network().low())
        .putInt(group.port());
  }

  // Kept from one run to the next.

  /** An immutable picture, quickly taken, to be written elsewhere. */
  public record Saved(long key0, long key1, ImmutableList<Line> lines) {

    private static final int KEY_DIGITS = 16;
    private static final int PARTS = 7;

    /**
     * One address.
     *
     * @param heardSeconds ages, in seconds when this was taken
     * @param reachedSeconds −1 if never
     */
    public record Line(
        Endpoint endpoint,
        Group source,
        boolean tried,
        long heardSeconds,
        long reachedSeconds,
        int failures) {}

    /**
     * Reads what {@link #toText} wrote.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static Saved parse(List<String> text) {
      checkArgument(
          !text.isEmpty() && text.get(0).matches("key [0-9a-f]{32}"), "the first line is no key");
      String key = text.get(0).substring("key ".length());
      return new Saved(
          Long.parseUnsignedLong(key.substring(0, KEY_DIGITS), 16),
          Long.parseUnsignedLong(key.substring(KEY_DIGITS), 16),
          text.stream().skip(1).map(Saved::line).collect(ImmutableList.toImmutableList()));
    }

    private static Line line(String text) {
      List<String> parts = Splitter.on(' ').splitToList(text);
      checkArgument(
          parts.size() == PARTS && (parts.get(0).equals("tried") || parts.get(0).equals("new")),
          "'%s' is no address",
          text);
      Line line =
          new Line(
              Endpoint.parse(parts.get(1)).orElseThrow(() -> noAddress(text)),
              new Group(
                  IpAddress.parse(parts.get(2)).orElseThrow(() -> noAddress(text)),
                  Integer.parseInt(parts.get(3))),
              parts.get(0).equals("tried"),
              Long.parseLong(parts.get(4)),
              Long.parseLong(parts.get(5)),
              Integer.parseInt(parts.get(6)));
      checkArgument(
          line.heardSeconds >= 0
              && line.heardSeconds <= Integer.MAX_VALUE
              && line.reachedSeconds >= -1
              && line.reachedSeconds <= Integer.MAX_VALUE
              && line.failures >= 0,
          "impossible figures in '%s'",
          text);
      return line;
    }

    private static IllegalArgumentException noAddress(String text) {
      return new IllegalArgumentException("'" + text + "' is no address");
    }

    /** As lines of text. */
    public List<String> toText() {
      List<String> text = new ArrayList<>(lines.size() + 1);
      text.add(String.format("key %016x%016x", key0, key1));
      for (Line line : lines) {
        text.add(
            (line.tried ? "tried " : "new ")
                + line.endpoint
                + " "
                + line.source.network()
                + " "
                + line.source.port()
                + " "
                + line.heardSeconds
                + " "
                + line.reachedSeconds
                + " "
                + line.failures);
      }
      return text;
    }
  }

  /** What is to be kept. */
  public Saved save(long now) {
    ImmutableList.Builder<Saved.Line> lines = ImmutableList.builder();
    for (Entry entry : tried.places) {
      if (entry != null) {
        lines.add(line(entry, true, now));
      }
    }
    for (Entry entry : fresh.places) {
      if (entry != null) {
        lines.add(line(entry, false, now));
      }
    }
    return new Saved(key0, key1, lines.build());
  }

  private static Saved.Line line(Entry entry, boolean tried, long now) {
    return new Saved.Line(
        entry.endpoint,
        entry.source,
        tried,
        Duration.ofNanos(now - entry.heard).toSeconds(),
        entry.wasReached() ? Duration.ofNanos(now - entry.reached).toSeconds() : -1,
        entry.failures);
  }

  /** What was kept. An address that finds its place taken is left out. */
  public static AddressBook restore(Saved saved, long now) {
    AddressBook book = new AddressBook(saved.key0, saved.key1);
    saved.lines.forEach(line -> book.take(line, now));
    return book;
  }

  private void take(Saved.Line line, long now) {
    Endpoint endpoint = line.endpoint;
    if (freshPlaces.containsKey(endpoint) || triedPlaces.containsKey(endpoint)) {
      return;
    }
    Entry entry =
        new Entry(
            endpoint,
            line.source,
            now - Duration.ofSeconds(line.heardSeconds).toNanos(),
            NEVER,
            line.reachedSeconds < 0
                ? NEVER
                : now - Duration.ofSeconds(line.reachedSeconds).toNanos(),
            line.failures);
    if (!line.tried) {
      putFresh(entry, now);
    } else if (tried.places[triedPlace(endpoint)] == null) {
      putTried(entry, triedPlace(endpoint));
    }
  }
}
