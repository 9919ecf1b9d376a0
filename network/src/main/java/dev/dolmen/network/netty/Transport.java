package dev.dolmen.network.netty;

import com.google.common.net.HostAndPort;
import dev.dolmen.network.peers.PeerAddress;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Where channels to other peers come from: real sockets with TLS, or the memory of a simulation.
 * What runs above, from the frame up, is the same for both.
 *
 * <p>A transport calls {@code install} once for each channel, on the channel's event loop, before
 * any byte was read. It does not read until someone sets the channel to read by itself. Once the
 * other side has proved its key, the transport fires {@link PeerProven} through the pipeline, and
 * only after that may bytes of that peer follow; if that fails it fires {@link LinkFailed}.
 */
public interface Transport extends AutoCloseable {

  /** The one executor that owns all state of the network; its ticker is the only clock. */
  EventExecutor control();

  /**
   * Starts to accept connections. Blocks until it does.
   *
   * @param where port 0 chooses a free one
   * @return where it really listens
   * @throws IOException if it cannot; the message says what to do
   */
  HostAndPort listen(HostAndPort where, Consumer<Channel> install) throws IOException;

  /**
   * Starts to connect. It may take as long as it likes; whoever has waited enough cancels the
   * future.
   *
   * @return done when connected; fails with an {@link IOException} whose message is fit for a log
   */
  Future<?> dial(PeerAddress address, Consumer<Channel> install);

  /** Closes every channel, frees the port and ends the threads. Blocks until that is done. */
  @Override
  void close();
}
