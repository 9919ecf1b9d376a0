package dev.dolmen.node.api;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.dolmen.network.peers.Bans;
import dev.dolmen.network.peers.Bans.Subject;
import dev.dolmen.node.Dolmen;
import dev.dolmen.node.peers.PeerRecords;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Optional;

/** {@code /v1/bans}: whom this node's operator does not want. */
final class BanEndpoints {

  private static final String WANTED =
      "send {\"peer\": \"ID or IP address\", \"seconds\": 3600, \"reason\": \"…\"}; the last two may be"
          + " left out";

  /** A century; longer than that is for ever, which is said by leaving it out. */
  private static final long MAX_SECONDS = 100L * 366 * 24 * 3_600;

  private final PeerRecords records;
  private final NodeWorkers workers;

  BanEndpoints(Dolmen node, NodeWorkers workers) {
    this.records = node.records();
    this.workers = workers;
  }

  Reply list(Request request) {
    return Reply.json(200, Documents.array(records.bans().stream().map(Documents::ban).toList()));
  }

  Future<Reply> ban(Request request) throws ProblemException {
    ImmutableMap<String, String> body =
        Json.texts(
            request.body(), ImmutableSet.of("peer"), ImmutableSet.of("seconds", "reason"), WANTED);
    Subject subject = subject(body.getOrDefault("peer", ""));
    Optional<Instant> until = until(Optional.ofNullable(body.get("seconds")));
    String reason = reason(body.getOrDefault("reason", ""));
    return workers
        .answered(records.ban(subject, until, reason))
        .map(
            made ->
                made.map(ban -> Reply.json(201, Documents.ban(ban)))
                    .orElseGet(
                        () ->
                            Problem.of(
                                    409,
                                    Bans.MAX_BANS
                                        + " bans hold already; end one with DELETE /v1/bans/PEER"
                                        + " first")
                                .toReply()));
  }

  Future<Reply> unban(Request request) throws ProblemException {
    Subject subject = subject(request.part("peer"));
    return workers
        .answered(records.unban(subject))
        .map(
            there ->
                there
                    ? Reply.noContent()
                    : Problem.notFound(subject + " is not banned; GET /v1/bans lists those who are")
                        .toReply());
  }

  private static Subject subject(String text) throws ProblemException {
    try {
      return Subject.parse(text);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(e.getMessage() + "; " + WANTED).asException();
    }
  }

  private static Optional<Instant> until(Optional<String> text) throws ProblemException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      long seconds = Long.parseLong(text.get());
      if (seconds >= 1 && seconds <= MAX_SECONDS) {
        return Optional.of(Instant.now().plusSeconds(seconds));
      }
    } catch (NumberFormatException noNumber) {
      // said below
    }
    throw Problem.badRequest("'seconds' must be a number from 1 to " + MAX_SECONDS + "; " + WANTED)
        .asException();
  }

  private static String reason(String text) throws ProblemException {
    if (text.length() > PeerRecords.MAX_REASON_CHARS
        || text.chars().anyMatch(Character::isISOControl)) {
      throw Problem.badRequest(
              "'reason' must be one line of at most "
                  + PeerRecords.MAX_REASON_CHARS
                  + " characters; "
                  + WANTED)
          .asException();
    }
    return text;
  }
}
