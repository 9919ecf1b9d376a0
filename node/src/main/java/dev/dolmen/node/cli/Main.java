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

  private static final String ALLOCATOR = "io.netty.allocator.type";

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
   * API at once ({@code docs/decisions/0026}). Has to be said before anything of Netty is loaded.
   */
  private static void choosePooledBuffers() {
    if (System.getProperty(ALLOCATOR) == null) {
      System.setProperty(ALLOCATOR, "pooled");
    }
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
