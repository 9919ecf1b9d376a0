package dev.dolmen.node.api;

import static com.google.common.base.Verify.verifyNotNull;

import com.google.common.io.Resources;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;

/**
 * The description of this API for programs, an OpenAPI 3.1 document. It is written by hand, in
 * {@code openapi.json} among the module's resources; tests hold it against the paths that are
 * served and against every answer.
 */
final class OpenApi {

  static final String PATH = "/openapi.json";

  private OpenApi() {}

  static Reply read() {
    URL file = verifyNotNull(OpenApi.class.getResource("openapi.json"), "openapi.json is built in");
    try {
      return Reply.of(200, Reply.JSON, Buffer.buffer(Resources.toByteArray(file)));
    } catch (IOException e) {
      throw new UncheckedIOException("the program's own files cannot be read", e);
    }
  }
}
