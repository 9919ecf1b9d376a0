package dev.dolmen.it.simulation;

import dev.dolmen.network.identity.PeerId;
import dev.dolmen.network.peers.PeerEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lies to each peer in another way, so that what two of them know of it does not fit together. */
final class Faces implements Behaviour {

  private final List<Behaviour> faces;
  private final Map<PeerId, Behaviour> shown = new LinkedHashMap<>();

  /** Has these, and takes them in turn. */
  Faces(List<Behaviour> faces) {
    this.faces = List.copyOf(faces);
  }

  private Behaviour faceFor(PeerId peer) {
    return shown.computeIfAbsent(peer, p -> faces.get(shown.size() % faces.size()));
  }

  @Override
  public void ready(Villain self, PeerEvent.Ready event) {
    faceFor(event.peer()).ready(self, event);
  }

  @Override
  public void received(Villain self, PeerEvent.Received event) {
    faceFor(event.peer()).received(self, event);
  }

  @Override
  public void drained(Villain self, PeerEvent.Drained event) {
    faceFor(event.peer()).drained(self, event);
  }

  @Override
  public void gone(Villain self, PeerEvent.Gone event) {
    faceFor(event.peer()).gone(self, event);
  }
}
