package dev.dolmen.it;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Guards what the compiler cannot see: which way the arrows point, and what stays pure. */
class ArchitectureTest {

  private static final JavaClasses DOLMEN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.dolmen");

  /** Decide purely: inputs and time in, actions out. */
  private static final String[] PURE = {
    "dev.dolmen.core..",
    "dev.dolmen.network.handshake..",
    "dev.dolmen.network.keepalive..",
    "dev.dolmen.network.peers..",
    "dev.dolmen.node.action..",
    "dev.dolmen.node.relay..",
    "dev.dolmen.node.sync..",
    "dev.dolmen.node.wire.."
  };

  @Test
  void thereAreNoPackageCycles() {
    slices().matching("dev.dolmen.(**)").should().beFreeOfCycles().check(DOLMEN);
  }

  @Test
  void coreKnowsNeitherProtocolNorNettyNorFilesNorThreads() {
    noClasses()
        .that()
        .resideInAPackage("dev.dolmen.core..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.dolmen.protocol..",
            "dev.dolmen.network..",
            "dev.dolmen.node..",
            "com.google.protobuf..",
            "io.netty..",
            "java.nio.file..",
            "java.net..",
            "java.util.concurrent..",
            "org.slf4j..")
        .check(DOLMEN);
  }

  @Test
  void theProtocolKnowsNothingButProtobuf() {
    noClasses()
        .that()
        .resideInAPackage("dev.dolmen.protocol..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.dolmen.core..", "dev.dolmen.network..", "dev.dolmen.node..", "io.netty..")
        .check(DOLMEN);
  }

  @Test
  void theNetworkKnowsNoBlocks() {
    noClasses()
        .that()
        .resideInAPackage("dev.dolmen.network..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.dolmen.core..", "dev.dolmen.node..")
        .check(DOLMEN);
  }

  @Test
  void pureCodeReadsNoClockStartsNoThreadAndDrawsNoNumberOfItsOwn() {
    classes().that(resideInAnyPackage(PURE)).should(bePure()).check(DOLMEN);
    classes()
        .that()
        .haveFullyQualifiedName("dev.dolmen.node.Node")
        .or()
        .haveFullyQualifiedName("dev.dolmen.node.mining.BlockMaker")
        .or()
        .haveFullyQualifiedName("dev.dolmen.node.follow.ChainWalk")
        .or()
        .haveFullyQualifiedName("dev.dolmen.node.follow.InclusionPromises")
        .should(bePure())
        .check(DOLMEN);
  }

  @Test
  void pureCodeKnowsNoNetty() {
    noClasses()
        .that(resideInAnyPackage(PURE))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "io.vertx..")
        .check(DOLMEN);
  }

  @Test
  void eachLibraryIsKnownInOneRoomOnly() {
    onlyIn("org.rocksdb..", "dev.dolmen.node.store..");
    onlyIn("io.vertx..", "dev.dolmen.node.api..", "dev.dolmen.node.explorer..");
    onlyIn("io.netty..", "dev.dolmen.network..", "dev.dolmen.node.api..");
    onlyIn("io.prometheus..", "dev.dolmen.node.metrics..");
    onlyIn("picocli..", "dev.dolmen.node.cli..");
    onlyIn("org.bouncycastle..", "dev.dolmen.core.signature..", "dev.dolmen.network..");
  }

  private static void onlyIn(String library, String... rooms) {
    noClasses()
        .that()
        .resideOutsideOfPackages(rooms)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(DOLMEN);
  }

  private static ArchCondition<JavaClass> bePure() {
    List<String> clocks =
        List.of(
            "java.time.Instant.now",
            "java.time.Clock.",
            "java.lang.System.currentTimeMillis",
            "java.lang.System.nanoTime",
            "java.lang.Thread.",
            "java.lang.Math.random",
            "java.util.UUID.randomUUID",
            "java.util.Random.",
            "java.util.SplittableRandom.",
            "java.util.concurrent.");
    return new ArchCondition<>("read no clock, start no thread and draw no number of its own") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        for (JavaAccess<?> access : type.getAccessesFromSelf()) {
          String target =
              access.getTarget().getOwner().getName() + "." + access.getTarget().getName();
          if (clocks.stream().anyMatch(target::startsWith)) {
            events.add(SimpleConditionEvent.violated(access, access.getDescription()));
          }
        }
      }
    };
  }
}
