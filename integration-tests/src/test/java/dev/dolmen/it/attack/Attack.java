package dev.dolmen.it.attack;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Every way to misbehave, and what a good node does about it. */
enum Attack {
  GARBAGE("bytes that are no TLS", Attacks::garbage, "closed"),
  SLOW_TCP("connections that send a byte a second", Attacks::slowTcp, ""),
  SLOW_HELLO("TLS, then a Hello at a byte a second", Attacks::slowHello, ""),
  NO_CERTIFICATE("TLS that shows no certificate", Attacks::noCertificate, "closed"),
  OLD_TLS("TLS 1.2", Attacks::oldTls, "closed"),
  WRONG_NETWORK("a Hello of another network", Attacks::wrongNetwork, "OTHER_NETWORK"),
  WRONG_VERSION("a Hello of another version", Attacks::wrongVersion, "OTHER_VERSION"),
  NO_HELLO("something else than a Hello first", Attacks::noHello, "VIOLATION"),
  SECOND_HELLO("a second Hello", Attacks::secondHello, "VIOLATION"),
  HUGE_PREFIX("a length of 4 GiB", Attacks::hugePrefix, "VIOLATION"),
  HUGE_PREFIX_EARLY("the same before any Hello", Attacks::hugePrefixEarly, "VIOLATION"),
  NOISE("frames of random bytes", Attacks::noise, "VIOLATION"),
  BOMB("a megabyte of empty parts, groups in groups", Attacks::bomb, "VIOLATION"),
  NO_WORK("a header without work", Attacks::noWork, "VIOLATION"),
  WRONG_BITS("a header with a wrong target", Attacks::wrongBits, "VIOLATION"),
  GAP("headers that do not follow one another", Attacks::gap, "VIOLATION"),
  INVALID_BLOCK("good work around an invalid block", Attacks::invalidBlock, "VIOLATION"),
  MUTATED_BODY("a body that is not the header's", Attacks::mutatedBody, ""),
  UNREQUESTED("answers to questions nobody asked", Attacks::unrequested, "VIOLATION"),
  ORPHANS("announcements of blocks without parents", Attacks::orphans, "GET_HEADERS"),
  FORGED_ENTRY("an entry with a forged signature", Attacks::forgedEntry, "VIOLATION"),
  WITHHOLDING(
      "entries that are announced and never given", Attacks::withholding, "asks for entries"),
  BOASTING("a claim of much height and work", Attacks::boasting, ""),
  IDS("ids of entries that do not exist, as fast as they go", Attacks::ids, "GET_TRANSACTIONS"),
  TOO_MANY_IDS("more ids than a message may have", Attacks::tooManyIds, "VIOLATION"),
  PINGS("pings as fast as they go", Attacks::pings, "PONG"),
  HEADERS("questions for headers as fast as they go", Attacks::headers, "HEADERS"),
  BLOCKS("questions for blocks as fast as they go", Attacks::blocks, "BLOCKS"),
  ENTRIES("questions for entries as fast as they go", Attacks::entries, "TRANSACTIONS"),
  ADDRESSES("questions for addresses as fast as they go", Attacks::addresses, "PEERS"),
  ADDRESS_SPAM("a thousand addresses that nobody asked for", Attacks::addressSpam, "VIOLATION"),
  NEVER_READS("questions whose answers are not read", Attacks::neverReads, ""),
  ONE_IDENTITY("many links under one identity", Attacks::oneIdentity, ""),
  CONNECTIONS("many connections that say nothing", Attacks::connections, ""),
  CROWD("silent connections from ever new addresses", Attacks::crowd, "closed"),
  PLACES("links under ever new names, that stay", Attacks::places, ""),
  API_CLIENTS("a thousand clients of the API", Attacks::apiClients, "answers");

  /** One way to misbehave, until the attacker's time is up. */
  interface Script {
    void run(Attacker attacker) throws Exception;
  }

  private final String sentence;

  @SuppressWarnings("ImmutableEnumChecker") // a method
  private final Script script;

  private final String answer;

  Attack(String sentence, Script script, String answer) {
    this.sentence = sentence;
    this.script = script;
    this.answer = answer;
  }

  /** As commands name it. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What is done, for people. */
  String sentence() {
    return sentence;
  }

  /** What the node's answer begins with, every time; empty if that depends. */
  String answer() {
    return answer;
  }

  void run(Attacker attacker) throws Exception {
    script.run(attacker);
  }

  /** The one of this label; all for {@code all}. */
  static List<Attack> named(String label) {
    if (label.equals("all")) {
      return List.of(values());
    }
    return Stream.of(values())
        .filter(attack -> attack.label().equals(label))
        .findFirst()
        .map(List::of)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no attack '" + label + "'; there are all, " + labels()));
  }

  private static String labels() {
    return String.join(", ", Stream.of(values()).map(Attack::label).toList());
  }
}
