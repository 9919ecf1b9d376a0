package dev.dolmen.it.attack;

import dev.dolmen.network.RawPeer;
import dev.dolmen.node.wire.Wire;
import dev.dolmen.protocol.Envelope;
import dev.dolmen.protocol.Pong;
import java.io.IOException;
import java.util.List;

/** What an honest peer that holds no blocks answers when it is asked. */
final class Courtesy {

  private Courtesy() {}

  /**
   * Reads one message, and answers if it asks something.
   *
   * @throws IOException also if the node says that it is about to close the link
   */
  static Envelope read(RawPeer peer) throws IOException {
    Envelope envelope = peer.read();
    if (envelope.hasPing()) {
      peer.send(
          Envelope.newBuilder()
              .setRequestId(envelope.getRequestId())
              .setPong(Pong.newBuilder().setTipHash(envelope.getPing().getTipHash()))
              .build());
    } else if (envelope.hasGetHeaders()) {
      peer.send(Wire.headers(envelope.getRequestId(), List.of()));
    } else if (Attacker.refusal(envelope).isPresent()) {
      throw new IOException(Attacker.refusal(envelope).get());
    }
    return envelope;
  }
}
