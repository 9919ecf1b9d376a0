package dev.dolmen.node.api;

import io.vertx.core.Future;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A file of the program's own. A worker reads it when it is first asked for; then it is kept. */
final class BuiltInFile implements Endpoint {

  private final NodeWorkers readers;
  private final Callable<Reply> file;
  private @Nullable Future<Reply> reading;

  BuiltInFile(NodeWorkers readers, Callable<Reply> file) {
    this.readers = readers;
    this.file = file;
  }

  @Override
  public Future<Reply> answer(Request request) {
    Future<Reply> asked = reading;
    if (asked == null || asked.failed()) {
      asked = readers.work(file);
      reading = asked;
    }
    return asked;
  }

  @Override
  public boolean isWork() {
    return false;
  }
}
