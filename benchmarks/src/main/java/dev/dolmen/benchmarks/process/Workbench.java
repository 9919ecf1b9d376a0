package dev.dolmen.benchmarks.process;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Splitter;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Where processes of the jar are made and, at the end, all ended. They run with the JVM's own
 * defaults, as a user's do, unless {@code measure.java} says otherwise; what tests start is tuned
 * for a quick end and says nothing about speed, which is why they are not used here.
 */
final class Workbench implements AutoCloseable {

  private final Path jar;
  private final Path launcher;
  private final List<String> javaOptions;
  private final Path chains;
  private final Path scratch;
  private final List<NodeProcess> nodes = new CopyOnWriteArrayList<>();
  private int directories;

  /**
   * @param project the root of the source tree, with the jar built
   * @param javaOptions for the JVM, separated by blanks
   */
  Workbench(Path project, String javaOptions) throws IOException {
    this.jar = project.resolve("node/target/dolmen.jar");
    this.launcher = project.resolve("bin/dolmen");
    checkArgument(
        Files.exists(jar),
        "%s is not there: build it with mvn -pl node -am package -DskipTests",
        jar);
    this.javaOptions = Splitter.on(' ').omitEmptyStrings().splitToList(javaOptions);
    this.chains = Files.createDirectories(project.resolve("benchmarks/target/chains"));
    this.scratch = Files.createTempDirectory("dolmen-measure");
    // Who breaks a measure off leaves no nodes behind.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> nodes.forEach(NodeProcess::kill)));
  }

  /** {@code java -jar} with the options of this run. */
  List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaOptions);
    command.addAll(List.of("-jar", jar.toString()));
    return command;
  }

  /** {@code bin/dolmen}. */
  List<String> launcher() {
    return List.of(launcher.toString());
  }

  /** A directory that is gone after the run. */
  Path directory() throws IOException {
    return Files.createDirectories(scratch.resolve("d" + directories++));
  }

  void delete(Path directory) throws IOException {
    MoreFiles.deleteRecursively(directory, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  /** Starts a node by {@code java -jar} and waits until its API answers. */
  NodeProcess start(Path dataDirectory, String... flags) throws IOException, InterruptedException {
    NodeProcess node = launch(java(), dataDirectory, flags);
    node.awaitServing();
    return node;
  }

  /** The same without the wait, and with another way to start it. */
  NodeProcess launch(List<String> program, Path dataDirectory, String... flags) throws IOException {
    NodeProcess node = NodeProcess.launch(program, scratch, dataDirectory, List.of(flags));
    nodes.add(node);
    return node;
  }

  /**
   * A data directory with a chain of this shape, made once and kept for later runs.
   *
   * @param transactions in each block
   * @param payload bytes of each
   */
  Path chain(int blocks, int transactions, int payload) throws IOException, InterruptedException {
    Path made = chains.resolve(blocks + "x" + transactions + "x" + payload);
    if (!Files.exists(made)) {
      Report.say("making a chain of " + blocks + " blocks in " + made);
      Path part = chains.resolve(made.getFileName() + ".part");
      if (Files.exists(part)) {
        delete(part);
      }
      List<String> command = new ArrayList<>(java());
      Collections.addAll(
          command,
          "generate",
          "--data-dir",
          part.toString(),
          "--blocks",
          Integer.toString(blocks),
          "--transactions",
          Integer.toString(transactions),
          "--payload",
          Integer.toString(payload),
          "--seed",
          "1");
      int exitCode =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor();
      checkState(exitCode == 0, "generate ended with %s", exitCode);
      Files.move(part, made);
    }
    return made;
  }

  /** A port that was free a moment ago. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Ends all nodes, as an operator would. */
  void endNodes() throws InterruptedException {
    for (NodeProcess node : nodes) {
      node.end();
    }
    nodes.clear();
  }

  @Override
  public void close() throws IOException {
    nodes.forEach(NodeProcess::kill);
    delete(scratch);
  }
}
