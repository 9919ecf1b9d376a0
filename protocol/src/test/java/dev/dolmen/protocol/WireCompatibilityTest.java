package dev.dolmen.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Peers of different ages must understand each other: a number, once given, keeps its meaning. */
class WireCompatibilityTest {

  private static final int UNKNOWN_FIELD = 1_000;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Envelope        | request_id=1:uint64 hello=2:message ping=3:message pong=4:message latest_block=5:message all_blocks=6:message get_headers=7:message get_blocks=8:message get_transactions=9:message get_peers=10:message response=11:message new_block=12:message new_transactions=13:message
          Hello           | protocol_version=1:uint32 network=2:bytes listening_port=3:uint32 tip_height=4:uint64 tip_work=5:bytes name=6:string
          Ping            | tip_hash=1:bytes
          Pong            | tip_hash=1:bytes
          AllBlocks       | locator=1:bytes*
          GetHeaders      | locator=1:bytes* limit=2:uint32
          GetBlocks       | hashes=1:bytes*
          GetTransactions | ids=1:bytes* block_hash=2:bytes indexes=3:uint32*
          Response        | blocks=1:message headers=2:message transactions=3:message peers=4:message refusal=5:message more=6:bool
          Blocks          | blocks=1:message*
          Headers         | headers=1:message*
          Transactions    | transactions=1:message*
          Peers           | peers=1:message*
          Refusal         | reason=1:enum message=2:string
          PeerAddress     | id=1:bytes address=2:bytes port=3:uint32
          NewBlock        | header=2:message leaves=3:fixed64* placed=4:message*
          PlacedTransaction | index=1:uint32 transaction=2:message
          NewTransactions | ids=1:bytes*
          Block           | header=1:message transactions=2:message*
          BlockHeader     | version=1:uint32 height=2:uint64 timestamp=3:uint64 previous_hash=4:bytes merkle_root=5:bytes transaction_count=6:uint32 bits=7:fixed32 nonce=8:fixed64
          Transaction     | version=1:uint32 author=2:bytes expiry_height=3:uint64 payload=4:bytes signature=5:bytes
          """)
  void fieldNumbersAndTypesStay(String message, String fields) {
    Descriptor descriptor = Wire.getDescriptor().findMessageTypeByName(message);
    assertThat(
            descriptor.getFields().stream()
                .sorted()
                .map(WireCompatibilityTest::described)
                .collect(Collectors.joining(" ")))
        .isEqualTo(fields);
  }

  @Test
  void refusalReasonsKeepTheirNumbers() {
    assertThat(
            Refusal.Reason.getDescriptor().getValues().stream()
                .map(EnumValueDescriptor::getName)
                .toList())
        .containsExactly(
            "REASON_UNSPECIFIED",
            "OTHER_NETWORK",
            "OTHER_VERSION",
            "SELF",
            "DUPLICATE",
            "FULL",
            "VIOLATION",
            "CANNOT_SERVE",
            "TIMEOUT",
            "GOODBYE",
            "NOT_ALLOWED");
    assertThat(Refusal.Reason.NOT_ALLOWED.getNumber()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource({"BlockHeader", "Block", "NewBlock"})
  void theNumberOfAProofBesideTheHeaderIsKeptFree(String message) {
    Descriptor descriptor = Wire.getDescriptor().findMessageTypeByName(message);
    assertThat(descriptor.isReservedNumber(15)).isTrue();
  }

  @Test
  void aBodyOfALaterVersionParsesAsNoBody() throws InvalidProtocolBufferException {
    Envelope later = Envelope.newBuilder().setRequestId(3).setUnknownFields(unknown()).build();

    Envelope parsed = Envelope.parseFrom(later.toByteArray());

    assertThat(parsed.getBodyCase()).isEqualTo(Envelope.BodyCase.BODY_NOT_SET);
    assertThat(parsed.getRequestId()).isEqualTo(3);
  }

  @Test
  void aFieldOfALaterVersionDoesNotDisturbTheKnownOnes() throws InvalidProtocolBufferException {
    Hello later = Hello.newBuilder().setName("a").setUnknownFields(unknown()).build();

    Hello parsed = Hello.parseFrom(later.toByteArray());

    assertThat(parsed.getName()).isEqualTo("a");
    assertThat(parsed.getUnknownFields().hasField(UNKNOWN_FIELD)).isTrue();
  }

  private static UnknownFieldSet unknown() {
    return UnknownFieldSet.newBuilder()
        .addField(
            UNKNOWN_FIELD,
            UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFromUtf8("from the future"))
                .build())
        .build();
  }

  private static String described(FieldDescriptor field) {
    return field.getName()
        + "="
        + field.getNumber()
        + ":"
        + field.getType().name().toLowerCase(Locale.ROOT)
        + (field.isRepeated() ? "*" : "");
  }
}
