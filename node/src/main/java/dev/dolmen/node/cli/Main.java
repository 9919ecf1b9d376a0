package dev.dolmen.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableMap;
import java.io.BufferedInputStream;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;

/** Where the jar begins. */
public final class Main {

  /** Pooled, in chunks of 1 MiB, since each of a few threads takes one. */
  private static final ImmutableMap<String, String> BUFFERS =
      ImmutableMap.of("io.netty.allocator.type", "pooled", "io.netty.allocator.maxOrder", "7");

  private Main() {}

  /** Runs one command and ends the process with its exit code, see {@link ExitCode}. */
  public static void main(String[] args) {
    choosePooledBuffers();
    Terminal terminal =
        new Terminal(
            ImmutableMap.copyOf(System.getenv()),
            // Buffered, since the bare stream wants to know a pipe's length.
            new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
            writer(FileDescriptor.out),
            writer(FileDescriptor.err),
            isWatched());
    System.exit(new CommandLineProgram(terminal).execute(args));
  }

  /**
   * Netty's own choice since 4.2 can turn in a circle for ever when a thousand clients come to the
   * API at once ({@code docs/decisions/0025}). Has to be said before anything of Netty is loaded.
   */
  private static void choosePooledBuffers() {
    BUFFERS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }

  /** Newer JDKs make a console of anything unless told to keep to the old meaning: a terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isWatched() {
    System.setProperty("jdk.console", "java.base");
    return System.console() != null;
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new BufferedWriter(new OutputStreamWriter(new FileOutputStream(descriptor), UTF_8)), true);
  }
}
