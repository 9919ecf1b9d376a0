package dev.dolmen.node.api;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request, read completely.
 *
 * @param path the named parts of the path, decoded
 * @param body at most {@link HttpLimits#MAX_BODY_BYTES}
 */
record Request(Map<String, String> path, Query query, MultiMap headers, Buffer body) {

  String part(String name) {
    return path.getOrDefault(name, "");
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Without parameters such as the charset, in lower case. */
  String mediaType() {
    String type = header("Content-Type").orElse("");
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }
}
