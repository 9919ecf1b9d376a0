package dev.dolmen.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Holds the schema in {@code docs/protocol.md} against {@code wire.proto}. */
class SchemaDocumentTest {
  private static final String PROTO = "protocol/src/main/protobuf/dev/dolmen/protocol/wire.proto";
  private static final String FENCE = "```";

  @Test
  void theDocumentShowsTheMessagesOfTheProtoFile() throws IOException {
    String document = ProjectFile.protocolDocument();
    int begin = document.indexOf(FENCE + "proto") + (FENCE + "proto").length();
    String shown = document.substring(begin, document.indexOf(FENCE, begin));

    assertThat(words(shown)).isEqualTo(messagesOf(ProjectFile.read(PROTO)));
  }

  private static String messagesOf(String proto) {
    String withoutComments = proto.replaceAll("//[^\n]*", "");
    return words(withoutComments.substring(withoutComments.indexOf("message Envelope")));
  }

  private static String words(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
