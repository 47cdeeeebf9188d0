package dev.krongauss.bench.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.optim.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page of several GPUs has the model's tables, and the model its formulas. */
final class ScalingTest {
  private static final Path RESULTS = Path.of("bench/results");

  @Test
  void thePageHasTheTables() throws IOException {
    String page = Files.readString(RESULTS.resolve("scaling.md"));
    for (String gpu : List.of("h200", "h100")) {
      Scaling scaling = new Scaling(read(gpu + ", kfra"));
      for (Scaling.Rows rows : Scaling.Rows.values()) {
        assertThat(page).as("write it anew with bench/scaling").contains(scaling.table(rows));
      }
    }
  }

  private static List<ModelledLaunch> read(String title) throws IOException {
    return ModelledLaunch.read(RESULTS.resolve("model.md"), title);
  }

  /** 450 MB there in halves, and back: 2 x 225 MB at 450 GB/s, and two messages. */
  @Test
  void exchangesTakeBytesAndMessages() {
    assertThat(Scaling.Link.NVLINK.sum(450e6, 2)).isCloseTo(1000 + 10, within(1e-9));
    assertThat(Scaling.Link.NETWORK.sum(50e6, 4)).isCloseTo(1500 + 40, within(1e-9));
    assertThat(Scaling.Link.NETWORK.spread(50e6, 4)).isCloseTo(750 + 40, within(1e-9));
    assertThat(Scaling.Link.NVLINK.spread(50e6, 1)).isZero();
  }

  /** A launch of 100 us and a chain of 30, alone: 100 + 1.3 us, a quarter, and then the chain. */
  @Test
  void rowsAreSharedOutDownToTheChain() {
    ModelledLaunch launch = new ModelledLaunch(Phase.BACKWARD, "gradient_f32", 30, 100);
    List<String> lines =
        new Scaling(List.of(launch)).table(Scaling.Rows.IN_ALL).lines().skip(2).toList();
    assertThat(lines.get(0)).startsWith("| 1 | 0.101 | 0.101 | 0.00 MB | 0.101 | 1.00 |");
    assertThat(lines.get(1)).startsWith("| 2 | 0.051 | 0.051 |");
    assertThat(lines.get(2)).startsWith("| 4 | 0.031 | 0.031 |");
    assertThat(lines).hasSize(7);
  }

  /** Layers 2-3-4: o² i + o i² is 3·3·3 + 3·3·3 and, diagonal at the top, 4·4 + 4·4·4. */
  @Test
  void layersAreSharedOutTheLargestFirst() {
    ModelledLaunch solve = new ModelledLaunch(Phase.SOLVE, "solve_f32__left", 0, 1);
    assertThat(solve.sharing()).isEqualTo(ModelledLaunch.Sharing.LAYERS);
    assertThat(solve.largestShare(new int[] {2, 3, 4}, 1)).isEqualTo(1);
    assertThat(solve.largestShare(new int[] {2, 3, 4}, 2)).isEqualTo(80.0 / (80 + 54));
    ModelledLaunch factorise = new ModelledLaunch(Phase.FACTORISE, "cholesky_f32", 0, 1);
    assertThat(factorise.largestShare(new int[] {2, 3, 4}, 2)).isEqualTo(64.0 / (64 + 54 + 1));
  }

  @Test
  void whatIsOfAllRowsIsNotShared() {
    assertThat(new ModelledLaunch(Phase.FACTORS, "gram_f32", 0, 1).sharing())
        .isEqualTo(ModelledLaunch.Sharing.ROWS);
    for (Phase phase : List.of(Phase.FACTORS, Phase.REDUCTION, Phase.RESCALE, Phase.UPDATE)) {
      assertThat(new ModelledLaunch(phase, "average_f32__lower", 0, 1).sharing())
          .isEqualTo(ModelledLaunch.Sharing.NOT);
    }
  }

  @Test
  void aMissingTableIsNamed() {
    assertThatThrownBy(() -> read("abacus, kfra"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("'abacus, kfra'")
        .hasMessageContaining("bench/model");
  }
}
