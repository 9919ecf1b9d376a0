package dev.dolmen.it.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the jar, and how little of it a command needs that asks a running node. */
class JarTest {

  /** Classes of a command that asks: each of these costs its start tens of milliseconds. */
  private static final List<String> OF_NODES =
      List.of(
          "io.netty.",
          "io.vertx.",
          "io.prometheus.",
          "org.rocksdb.",
          "org.bouncycastle.",
          "org.tomlj.",
          "com.google.protobuf.",
          "ch.qos.logback.",
          "dev.dolmen.core.",
          "dev.dolmen.network.PeerNetwork",
          "dev.dolmen.node.Dolmen");

  private static final Path JAR = Path.of(System.getProperty("dolmen.jar", "absent"));

  @TempDir private Path directory;

  @Test
  void hasTheNativeLibrariesOfFivePlatformsAndNoOthers() throws Exception {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      List<String> names = jar.stream().map(ZipEntry::getName).toList();

      assertThat(names)
          .filteredOn(name -> name.startsWith("librocksdbjni"))
          .containsExactlyInAnyOrder(
              "librocksdbjni-linux64.so",
              "librocksdbjni-linux-aarch64.so",
              "librocksdbjni-osx-x86_64.jnilib",
              "librocksdbjni-osx-arm64.jnilib",
              "librocksdbjni-win64.dll");
      assertThat(names)
          .filteredOn(name -> name.startsWith("META-INF/native/") && !name.endsWith("/"))
          .containsExactlyInAnyOrder(
              "META-INF/native/libnetty_transport_native_epoll_x86_64.so",
              "META-INF/native/libnetty_transport_native_epoll_aarch_64.so");
      assertThat(names)
          .doesNotHaveDuplicates()
          .noneMatch(name -> name.matches("META-INF/.*\\.(SF|RSA|DSA)"))
          .contains("META-INF/NOTICE");
      assertThat(jar.getManifest().getMainAttributes().getValue("Multi-Release")).isEqualTo("true");
      assertThat(jar.getManifest().getMainAttributes().getValue("Enable-Native-Access"))
          .isEqualTo("ALL-UNNAMED");
    }
  }

  @Test
  void aBillOfMaterialsLiesBesideIt() throws Exception {
    JsonObject bill =
        JsonParser.parseString(Files.readString(JAR.resolveSibling("dolmen-sbom.json")))
            .getAsJsonObject();

    assertThat(bill.get("bomFormat").getAsString()).isEqualTo("CycloneDX");
    List<String> names = new ArrayList<>();
    bill.getAsJsonArray("components")
        .forEach(part -> names.add(part.getAsJsonObject().get("name").getAsString()));
    assertThat(names)
        .contains("rocksdbjni", "netty-handler", "vertx-web", "protobuf-java", "bcprov-jdk18on")
        .contains("logback-classic", "picocli", "prometheus-metrics-core", "dolmen-core")
        .doesNotContain("assertj-core", "json-schema-validator");
  }

  @Test
  void aCommandThatAsksLoadsNothingOfANode() throws Exception {
    for (List<String> command :
        List.of(
            List.of("status", "--api", "127.0.0.1:1"),
            List.of("blocks", "--api", "127.0.0.1:1"),
            List.of("peers", "--api", "127.0.0.1:1"))) {
      List<String> line = new ArrayList<>();
      line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      line.addAll(
          List.of("-Xlog:class+load:file=" + directory.resolve("classes") + "::filecount=0"));
      line.addAll(List.of("-jar", JAR.toString()));
      line.addAll(command);
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(out).isEqualTo(1);
      assertThat(out).contains("cannot reach the API at http://127.0.0.1:1");

      List<String> classes = Files.readAllLines(directory.resolve("classes"));
      assertThat(classes).anyMatch(entry -> entry.contains("dev.dolmen.node.cli.ApiClient"));
      assertThat(classes)
          .as("classes that '" + command.get(0) + "' loads")
          .noneMatch(entry -> OF_NODES.stream().anyMatch(entry::contains));
    }
  }
}
