package dev.dolmen.node.wire;

import dev.dolmen.network.identity.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Numbers the requests on each link, from 1. So an answer to a request that was given up, which is
 * late, can be told from an answer to one that was never made, which is a violation.
 */
public final class RequestIds {

  private final Map<PeerId, Long> last = new LinkedHashMap<>();

  /** The next request's number. */
  public long next(PeerId peer) {
    return last.merge(peer, 1L, Long::sum);
  }

  /** Whether we ever asked this. */
  public boolean wasAsked(PeerId peer, long requestId) {
    return requestId > 0 && requestId <= last.getOrDefault(peer, 0L);
  }

  /** A new link counts from 1 again. */
  public void forget(PeerId peer) {
    last.remove(peer);
  }
}
