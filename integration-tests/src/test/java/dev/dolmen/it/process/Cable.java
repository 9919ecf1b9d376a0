package dev.dolmen.it.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What lies between two nodes: a port of its own that leads to another one. It can be cut, after
 * which connections end and new ones lead nowhere, or clogged, so that they stay open and nothing
 * comes through. Bytes are passed on as they are, so TLS goes from end to end.
 */
final class Cable implements AutoCloseable {

  /** So little that a clogged cable is soon noticed by who writes. */
  private static final int BUFFER_BYTES = 16 << 10;

  private enum State {
    WHOLE,
    CLOGGED,
    CUT,
    GONE
  }

  private final ServerSocket entrance;
  private final int targetPort;
  private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
  private State state = State.WHOLE;

  /** Leads to a port of this machine, from now until it is closed. */
  Cable(int targetPort) throws IOException {
    this.targetPort = targetPort;
    this.entrance = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    start("cable", this::accept);
  }

  /** Where to dial it. */
  int port() {
    return entrance.getLocalPort();
  }

  /** Ends what goes through it, and lets nothing through. */
  void cut() {
    become(State.CUT);
    for (Socket end : ends) {
      closeQuietly(end);
    }
  }

  /** Holds back what goes through it. */
  void clog() {
    become(State.CLOGGED);
  }

  /** Lets everything through again. */
  void mend() {
    become(State.WHOLE);
  }

  @Override
  public void close() throws IOException {
    become(State.GONE);
    entrance.close();
    for (Socket end : ends) {
      closeQuietly(end);
    }
  }

  private synchronized void become(State next) {
    state = next;
    notifyAll();
  }

  private synchronized boolean isCut() {
    return state == State.CUT || state == State.GONE;
  }

  private synchronized void awaitNotClogged() {
    while (state == State.CLOGGED) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void accept() {
    while (true) {
      try {
        Socket near = entrance.accept();
        connect(near);
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket near) {
    ends.add(near);
    try {
      Socket far = new Socket(InetAddress.getLoopbackAddress(), targetPort);
      ends.add(far);
      start("cable-out", () -> pass(near, far));
      start("cable-in", () -> pass(far, near));
      if (isCut()) {
        closeQuietly(near);
        closeQuietly(far);
      }
    } catch (IOException nobodyListens) {
      closeQuietly(near);
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        awaitNotClogged();
        out.write(buffer, 0, read);
      }
    } catch (IOException ended) {
      // One end went, or the cable was cut: the other end goes with it.
    } finally {
      ends.remove(from);
      ends.remove(to);
    }
  }

  private void closeQuietly(Socket end) {
    ends.remove(end);
    try {
      end.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
