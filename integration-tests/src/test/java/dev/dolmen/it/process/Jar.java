package dev.dolmen.it.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** The jar, and the processes that one test started of it. */
final class Jar {

  /** Where the build says the jar is. */
  private static final String PROPERTY = "dolmen.jar";

  /** Below the ports that Linux, macOS and Windows give to whoever connects. */
  private static final int FIRST_PORT = 12_000;

  private static final int PORTS = 20_000;

  /** Processes that run beside each other begin in different places. */
  private static final AtomicInteger nextPort =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

  /** A command that has not ended by then hangs. */
  private static final Duration LONGEST_COMMAND = Duration.ofSeconds(60);

  private final Path jar = Path.of(System.getProperty(PROPERTY, "absent"));
  private final Path directory;
  private final List<Process> started = new ArrayList<>();

  /**
   * For one test.
   *
   * @param directory for what the processes print
   */
  Jar(Path directory) {
    assertTrue(
        Files.exists(jar),
        () -> jar + " is not there: build it with mvn -pl node -am package -DskipTests");
    this.directory = directory;
  }

  /** What a command that ended printed, and how it ended. */
  record Ended(int exitCode, String out, String err) {}

  /** A process that goes on, and the files it prints to. */
  record Running(Process process, Path outFile, Path errFile) {

    String out() throws IOException {
      return Files.readString(outFile);
    }

    String err() throws IOException {
      return Files.readString(errFile);
    }

    /** Ends it as an operator would, and waits for that. */
    int terminate() throws InterruptedException {
      process.destroy();
      return waitFor();
    }

    /** Ends it as a power cut would. */
    void kill() throws InterruptedException {
      process.destroyForcibly();
      waitFor();
    }

    /** Lets it stand still, as a machine does that sleeps. */
    void pause() throws IOException, InterruptedException {
      signal("-STOP");
    }

    /** Lets it go on. */
    void resume() throws IOException, InterruptedException {
      signal("-CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
      int exitCode =
          new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor();
      assertEquals(0, exitCode, "kill " + name);
    }

    int waitFor() throws InterruptedException {
      assertTrue(
          process.waitFor(LONGEST_COMMAND.toSeconds(), SECONDS), "the process has not ended");
      return process.exitValue();
    }
  }

  Running start(String... arguments) throws IOException {
    String number = Integer.toString(started.size());
    Path out = directory.resolve("out-" + number);
    Path err = directory.resolve("err-" + number);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Two cores are shared by several of these: a fast start matters, not the last speed.
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("DOLMEN_"));
    builder.environment().put("HOME", directory.toString());
    Process process = builder.start();
    started.add(process);
    process.getOutputStream().close();
    return new Running(process, out, err);
  }

  /** Has a process collect all its garbage. */
  void collectGarbage(Running running) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    String pid = Long.toString(running.process().pid());
    Process command =
        new ProcessBuilder(jcmd.toString(), pid, "GC.run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertEquals(0, command.waitFor(), "jcmd GC.run");
  }

  /** Runs a command to its end. */
  Ended run(String... arguments) throws IOException, InterruptedException {
    Running running = start(arguments);
    int exitCode = running.waitFor();
    return new Ended(
        exitCode,
        new String(Files.readAllBytes(running.outFile()), UTF_8),
        new String(Files.readAllBytes(running.errFile()), UTF_8));
  }

  /**
   * A port that nobody listens on, each time another. It is none of those that the system gives to
   * whoever connects, so that a node finds its own free when it is started again.
   */
  static int freePort() throws IOException {
    for (int attempt = 0; attempt < PORTS; attempt++) {
      int port = FIRST_PORT + nextPort.getAndIncrement() % PORTS;
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException taken) {
        // The next one, then.
      }
    }
    throw new IOException("no port is free");
  }

  /** Ends whatever still runs. */
  void endAll() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly();
    }
    for (Process process : started) {
      process.waitFor();
    }
  }
}
