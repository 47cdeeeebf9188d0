package dev.krongauss.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShareTest {
  private static final List<Integer> ALL = List.of(0, 1, 2, 3, 4, 5, 6);

  @Test
  void allIsInOneShareEach() {
    assertThat(Share.parse("2/3").of(ALL)).containsExactly(1, 4);
    assertThat(Stream.of("1/3", "2/3", "3/3").flatMap(text -> Share.parse(text).of(ALL).stream()))
        .containsExactlyInAnyOrderElementsOf(ALL);
    assertThat(Share.parse("1/1").of(ALL)).isEqualTo(ALL);
    assertThat(Share.parse("9/9").of(ALL)).as("7 entries in 9 shares").containsExactly(1);
    assertThat(Share.parse("2/2").of(List.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"4/3", "0/3", "a third", "1/", "1/99999"})
  void anotherTextIsAnError(String text) {
    assertThatThrownBy(() -> Share.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
