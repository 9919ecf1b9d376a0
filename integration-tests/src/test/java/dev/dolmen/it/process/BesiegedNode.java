package dev.dolmen.it.process;

import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.nio.file.Path;

/** A process of the jar for attackers of another package. */
public final class BesiegedNode {

  private final Jar jar;
  private final NodeProcess node;

  private BesiegedNode(Jar jar, NodeProcess node) {
    this.jar = jar;
    this.node = node;
  }

  /**
   * Starts a node of the network {@code dev}.
   *
   * @param directory for its data, and for what it prints
   */
  public static BesiegedNode start(Path directory) throws IOException {
    Jar jar = new Jar(directory);
    return new BesiegedNode(jar, NodeProcess.start(jar, directory.resolve("data")));
  }

  /** Where peers reach it. */
  public HostAndPort peerAddress() {
    return HostAndPort.fromParts("127.0.0.1", node.peerPort());
  }

  /** Where its API answers. */
  public HostAndPort api() {
    return HostAndPort.fromString(node.api());
  }

  /** What it has logged. */
  public String log() throws IOException {
    return node.running().err();
  }

  /** Ends it at once. */
  public void end() throws InterruptedException {
    jar.endAll();
  }
}
