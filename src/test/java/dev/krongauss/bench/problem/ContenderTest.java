package dev.krongauss.bench.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of optimisers with settings. */
final class ContenderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "kfra",
        "kfra:no-average",
        "kflr:no-average:momentum",
        "auto:momentum",
        "adam",
        "adam:rate=2^-9",
        "adam:rate=0.03:halve=200",
        "nesterov:halve=7"
      })
  void aLabelIsReadAsWhatWroteIt(String label) {
    assertThat(Contender.parse(label).label()).isEqualTo(label);
    assertThat(Contender.parse(Contender.parse(label).label())).isEqualTo(Contender.parse(label));
  }

  @ParameterizedTest
  @CsvSource({
    "KFRA, kfra",
    "adam:rate=1e-3, adam",
    "adam:rate=0.001953125, adam:rate=2^-9",
    "adam:halve=3:rate=2, adam:rate=2^1:halve=3",
    "kfac:momentum:no-average, kfac:no-average:momentum"
  })
  void oneSettingHasOneLabel(String text, String label) {
    assertThat(Contender.parse(text).label()).isEqualTo(label);
  }

  @Test
  void onlyTheDefaultIsTheDefault() {
    assertThat(Contender.parse("adam:rate=0.001").isDefault()).isTrue();
    assertThat(Contender.parse("adam:rate=2^-10").isDefault()).isFalse();
    assertThat(Contender.parse("kfra:momentum").isDefault()).isFalse();
  }

  @Test
  void valuesThatHaveNoPlaceAreRefused() {
    assertThatThrownBy(() -> Contender.parse("kfra:momentum=0.9"))
        .hasMessageContaining("momentum=0.9 takes no value");
    assertThatThrownBy(() -> Contender.parse("adam:rate=1e-60"))
        .hasMessageContaining("must be positive and finite");
    assertThatThrownBy(() -> Contender.parse("adam:halve=2.5"))
        .hasMessageContaining("halve needs a number of updates");
    assertThatThrownBy(() -> Contender.parse("adam:")).hasMessageContaining("'' in 'adam:'");
  }
}
