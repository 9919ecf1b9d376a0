package dev.dolmen.network.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dolmen.network.identity.PeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerAddressTest {

  private static final String ID = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @ValueSource(strings = {"node.example:1", "127.0.0.1:65535", "[::1]:8555", "localhost:8555"})
  void readsAndWritesHostAndPort(String text) {
    assertThat(PeerAddress.parse(text)).hasToString(text);
    assertThat(PeerAddress.parse(text).id()).isEmpty();
  }

  @Test
  void readsAPinnedId() {
    PeerAddress address = PeerAddress.parse(ID + "@[::1]:8555");
    assertThat(address.id()).contains(PeerId.parse(ID));
    assertThat(address.host()).isEqualTo("::1");
    assertThat(address).hasToString(ID + "@[::1]:8555");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,               the port is missing",
    "localhost:0,             port 0 is not between 1 and 65535",
    "localhost:65536,         the port must be a number from 1 to 65535",
    "localhost:http,          the port must be a number from 1 to 65535",
    "::1:8555,                write an IPv6 address in brackets",
    ":8555,                   an address needs a host",
    "'a b:1',                 is not a host name",
    "abc@localhost:1,         a peer id is 64 hexadecimal digits",
    "a@b@c:1,                 a peer id is 64 hexadecimal digits",
    "http://localhost:1,      write an IPv6 address in brackets",
  })
  void saysWhatIsWrong(String text, String why) {
    assertThatThrownBy(() -> PeerAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text)
        .hasMessageContaining(why);
  }
}
