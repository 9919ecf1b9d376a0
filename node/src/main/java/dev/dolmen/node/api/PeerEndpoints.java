package dev.dolmen.node.api;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.DialPolicy;
import dev.dolmen.network.peers.DisconnectReason;
import dev.dolmen.network.peers.PeerAddress;
import dev.dolmen.network.peers.PeerInfo;
import dev.dolmen.node.Dolmen;
import java.util.List;
import java.util.Optional;

/** {@code /v1/peers}: who is connected, whom to connect to, whom to let go. */
final class PeerEndpoints {

  private static final String EXAMPLE = "bob.example:8555";

  private final Dolmen node;

  PeerEndpoints(Dolmen node) {
    this.node = node;
  }

  Reply connected(Request request) {
    return Reply.json(
        200, Documents.array(node.peers().peers().stream().map(Documents::peer).toList()));
  }

  /** Addresses that are dialled for ever, and how that goes. */
  Reply dials(Request request) {
    return Reply.json(
        200, Documents.array(node.peers().dials().stream().map(Documents::dial).toList()));
  }

  /** Who went last, and why. */
  Reply gone(Request request) {
    return Reply.json(
        200,
        Documents.array(node.peers().departures().stream().map(Documents::departure).toList()));
  }

  Reply connect(Request request) throws ProblemException {
    String text = Json.onlyText(request.body(), "address", EXAMPLE);
    PeerAddress address;
    try {
      address = PeerAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(e.getMessage() + "; an address is [ID@]HOST:PORT, as in " + EXAMPLE)
          .asException();
    }
    if (node.peers().dials().size() >= HttpLimits.MAX_KEPT_ADDRESSES) {
      throw Problem.of(
              409,
              HttpLimits.MAX_KEPT_ADDRESSES
                  + " addresses are kept already; let a peer go with DELETE /v1/peers/ID first")
          .asException();
    }
    node.peers().connect(address);
    return Reply.json(
        202,
        json -> {
          json.writeStartObject();
          json.writeStringField("address", address.toString());
          json.writeEndObject();
        });
  }

  /** Ends the link, and the keeping of the address it was dialled by, so that it stays ended. */
  Reply disconnect(Request request) throws ProblemException {
    PeerId id = peerId(request.part("id"));
    Optional<PeerInfo> peer =
        node.peers().peers().stream().filter(candidate -> candidate.id().equals(id)).findFirst();
    List<PeerAddress> kept =
        node.peers().dials().stream()
            .map(DialPolicy.Status::address)
            .filter(address -> leadsTo(address, id, peer))
            .toList();
    if (peer.isEmpty() && kept.isEmpty()) {
      throw Problem.notFound("no peer " + id + " is connected; GET /v1/peers lists those that are")
          .asException();
    }
    kept.forEach(node.peers()::forget);
    node.peers()
        .disconnect(
            id,
            new DisconnectReason(
                DisconnectReason.Code.GOODBYE, "the operator of this node closed the link"));
    return Reply.noContent();
  }

  private static boolean leadsTo(PeerAddress address, PeerId id, Optional<PeerInfo> peer) {
    return address.id().equals(Optional.of(id))
        || peer.filter(PeerInfo::outbound)
            .filter(dialled -> dialled.address().equals(address.place().toString()))
            .isPresent();
  }

  private static PeerId peerId(String text) throws ProblemException {
    try {
      return PeerId.parse(text);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest("a peer is named by the 64 hex digits of its id").asException();
    }
  }
}
