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
        "kfac:paper",
        "kfra:paper:no-average",
        "kflr:paper:no-average:momentum",
        "auto:paper:momentum",
        "exact",
        "muon:rate=2^-6:scale=rms:halve=9",
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
    "kfac:momentum:no-average:paper, kfac:paper:no-average:momentum"
  })
  void oneSettingHasOneLabel(String text, String label) {
    assertThat(Contender.parse(text).label()).isEqualTo(label);
  }

  @Test
  void onlyTheDefaultIsTheDefault() {
    assertThat(Contender.parse("adam:rate=0.001").isDefault()).isTrue();
    assertThat(Contender.parse("adam:rate=2^-10").isDefault()).isFalse();
    assertThat(Contender.parse("kfra:paper").isDefault()).isFalse();
    assertThat(Contender.parse("kfra:paper:momentum").isDefault()).isFalse();
    assertThat(Contender.parse("muon:scale=spectral").isDefault()).isTrue();
  }

  @Test
  void valuesThatHaveNoPlaceAreRefused() {
    assertThatThrownBy(() -> Contender.parse("kfra:momentum=0.9"))
        .hasMessageContaining("momentum=0.9 takes no value");
    assertThatThrownBy(() -> Contender.parse("kfra:paper=1"))
        .hasMessageContaining("paper=1 takes no value");
    assertThatThrownBy(() -> Contender.parse("adam:rate=1e-60"))
        .hasMessageContaining("must be positive and finite");
    assertThatThrownBy(() -> Contender.parse("adam:halve=2.5"))
        .hasMessageContaining("halve needs a number of updates");
    assertThatThrownBy(() -> Contender.parse("adam:")).hasMessageContaining("'' in 'adam:'");
  }

  /** The default has steps of its own kind, so that a momentum there would be ignored. */
  @Test
  void momentumIsOfThePapersAlgorithmOnly() {
    assertThatThrownBy(() -> Contender.parse("kflr:momentum:no-average"))
        .hasMessageContaining("momentum belongs to the paper's algorithm")
        .hasMessageContaining("write kflr:paper:momentum");
    assertThatThrownBy(() -> Contender.parse("sgd:momentum"))
        .hasMessageContaining("momentum is an option of kfra, kflr, kfac and auto only");
    assertThatThrownBy(() -> Contender.parse("exact:no-average"))
        .hasMessageContaining("no-average is an option of kfra, kflr, kfac and auto only");
    assertThatThrownBy(() -> Contender.parse("muon:paper"))
        .hasMessageContaining("paper is an option of kfra, kflr, kfac and auto only");
    assertThatThrownBy(() -> Contender.parse("kfra:lambda=1"))
        .hasMessageContaining("second-order ones paper, no-average and, with paper, momentum");
  }

  @Test
  void whatIsChangedLeavesTheRest() {
    Contender paper = Contender.parse("kfra:paper:momentum");
    assertThat(paper.withAverage(false).label()).isEqualTo("kfra:paper:no-average:momentum");
    Contender muon = Contender.parse("muon:scale=rms");
    assertThat(muon.withRate(0.5, 7).label()).isEqualTo("muon:rate=2^-1:scale=rms:halve=7");
  }
}
