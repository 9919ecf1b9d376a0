package dev.dolmen.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.dolmen.core.consensus.NetworkParameters;
import dev.dolmen.core.encoding.Bytes;
import dev.dolmen.core.encoding.MalformedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The golden vectors that other implementations are held against too, read from the test resources.
 */
public final class Vectors {
  private static final JsonObject GOLDEN = resource("/vectors.json");

  private Vectors() {}

  /** The cases of one section of {@code vectors.json}. */
  public static List<JsonObject> section(String name) {
    return cases(GOLDEN.getAsJsonArray(name));
  }

  /** The network that other sections refer to by its name. */
  public static NetworkParameters network(String name) throws MalformedException {
    for (JsonObject network : section("networks")) {
      if (text(network, "name").equals(name)) {
        return NetworkParameters.fromBytes(
            Bytes.fromHex(text(network, "parameters")).toByteArray());
      }
    }
    throw new IllegalArgumentException("no network " + name + " in the vectors");
  }

  public static JsonObject resource(String path) {
    try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream(path), path)) {
      return JsonParser.parseReader(new InputStreamReader(in, UTF_8)).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<JsonObject> cases(JsonArray array) {
    List<JsonObject> cases = new ArrayList<>();
    array.forEach(element -> cases.add(element.getAsJsonObject()));
    return cases;
  }

  public static List<String> texts(JsonObject vector, String field) {
    List<String> texts = new ArrayList<>();
    for (JsonElement element : vector.getAsJsonArray(field)) {
      texts.add(element.getAsString());
    }
    return texts;
  }

  public static String text(JsonObject vector, String field) {
    return vector.get(field).getAsString();
  }

  public static long number(JsonObject vector, String field) {
    return vector.get(field).getAsLong();
  }

  /** The eight hex digits of a compact target. */
  public static int bits(JsonObject vector, String field) {
    return Integer.parseUnsignedInt(text(vector, field), 16);
  }
}
