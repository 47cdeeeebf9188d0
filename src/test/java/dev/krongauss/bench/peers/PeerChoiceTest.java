package dev.krongauss.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code --peer} names. */
final class PeerChoiceTest {
  @Test
  void everyPeerIsNamedByItsLabel() {
    for (PeerKind kind : PeerKind.values()) {
      assertThat(PeerChoice.parse(kind.toString())).containsExactly(PeerChoice.of(kind));
    }
    assertThat(PeerChoice.parse(" torch-muon:scale=rms:rate=2^-5 ").get(0).label())
        .isEqualTo("torch-muon:rate=2^-5:scale=rms");
  }

  @Test
  void aGridIsEveryValue() {
    assertThat(labels("kfac-jax:grid"))
        .containsExactly(
            "kfac-jax:damping=0.01",
            "kfac-jax:damping=0.1",
            "kfac-jax:damping=1",
            "kfac-jax:damping=10",
            "kfac-jax:damping=150");
    assertThat(labels("torch-muon:scale=rms:grid"))
        .hasSize(8)
        .startsWith("torch-muon:rate=2^0:scale=rms")
        .endsWith("torch-muon:rate=2^-7:scale=rms");
    assertThat(labels("torch-adam:grid"))
        .hasSize(8)
        .startsWith("torch-adam:rate=2^-6")
        .endsWith("torch-adam:rate=2^-13");
    assertThat(labels("torch-adamw:decay=0.1:grid"))
        .hasSize(8)
        .startsWith("torch-adamw:rate=2^-6:decay=0.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "keras-muon | 'keras-muon' is not known; choose from torch-adam, torch-adam-graph",
        "torch-kfra:rate=1 | 'rate=1' in 'torch-kfra:rate=1' is no option; torch-kfra takes none",
        "torch-adam:scale=rms | torch-adam takes rate, halve",
        "torch-adam:rate | rate needs a positive number behind its =, for example rate=1e-3",
        "torch-adam:rate=-1 | rate needs a positive number",
        "torch-adam:rate=2^x | rate needs a positive number",
        "torch-adam:halve=1.5 | halve needs a positive number behind its =, for example halve=200",
        "torch-muon:scale=keras | scale must be one of spectral, rms",
        "kfac-jax:damping=2 | damping must be one of 0.01, 0.1, 1, 10, 150",
        "kfac-jax:rate=0 | rate needs a positive number",
        "torch-adam:rate=1:rate=2 | has rate twice",
        "torch-kfra-layers:grid | torch-kfra-layers has no grid",
      })
  void wrongOptionsSayWhatIsWrong(String text, String message) {
    assertThatThrownBy(() -> PeerChoice.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static List<String> labels(String text) {
    List<PeerChoice> choices = PeerChoice.parse(text);
    assertThat(choices)
        .allSatisfy(c -> assertThat(Arrays.asList(c)).isEqualTo(PeerChoice.parse(c.label())));
    return choices.stream().map(PeerChoice::label).toList();
  }
}
