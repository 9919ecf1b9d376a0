package dev.dolmen.it.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One bash that a test types commands into, as a reader does into a terminal. */
final class Shell implements AutoCloseable {

  /** Ends what a command printed, and is followed by its exit code. */
  private static final String END = "\u0001the command has ended ";

  private final Process bash;
  private final Writer in;
  private final BufferedReader out;

  /**
   * Starts it.
   *
   * @param environment besides what the test itself has, without Dolmen's own variables
   */
  Shell(Path directory, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "--noprofile", "--norc")
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("DOLMEN_"));
    builder.environment().putAll(environment);
    bash = builder.start();
    in = bash.outputWriter(UTF_8);
    out = new BufferedReader(new InputStreamReader(bash.getInputStream(), UTF_8));
  }

  /**
   * What a command printed on both streams, and how it ended.
   *
   * @param lines without trailing spaces and empty lines
   */
  record Ended(int exitCode, List<String> lines) {
    Ended {
      lines = List.copyOf(lines);
    }
  }

  /** Runs one command to its end; what it leaves in the shell stays for the next. */
  Ended run(String command) throws IOException {
    in.write(command + "\nprintf '\\n" + END + "%d\\n' $?\n");
    in.flush();
    List<String> lines = new ArrayList<>();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(END)) {
        return new Ended(Integer.parseInt(line.substring(END.length())), lines);
      }
      if (!line.isBlank()) {
        lines.add(line.stripTrailing());
      }
    }
    throw new IOException("the shell has ended after " + lines);
  }

  /** Whether a program is installed: it is asked for something harmless. */
  static boolean has(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    bash.destroyForcibly();
  }
}
