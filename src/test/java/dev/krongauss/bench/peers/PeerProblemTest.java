package dev.krongauss.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.net.Loss;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that peers read. */
final class PeerProblemTest {
  private static final int ROWS = 23;
  private static final int BATCH = 5;
  private static final long SEED = 7;

  @TempDir private Path folder;

  /** Over the end of two epochs, each of which drops three rows. */
  @Test
  void orderIsThatOfTheBatches() throws IOException {
    int batches = 10;
    problem().write(folder, new Limits(batches, Double.POSITIVE_INFINITY));
    ByteBuffer order = little("order.i32");
    assertThat(order.remaining()).isEqualTo(4 * batches * BATCH);
    try (Batches expected = Batches.of(TestDevice.get(), rowNumbers(), BATCH, SEED)) {
      for (int i = 0; i < batches; i++) {
        for (float row : expected.next().targets().download(TestDevice.get().stream())) {
          assertThat(order.getInt()).as("batch " + i).isEqualTo((int) row);
        }
      }
    }
  }

  @Test
  void rowsAndWeightsAreThoseGiven() throws IOException {
    problem().write(folder, new Limits(1, 1));
    assertThat(little("rows.f32").asFloatBuffer().get(ROWS - 1)).isEqualTo(ROWS - 1f);
    ByteBuffer weights = little("weights.f32");
    assertThat(weights.remaining()).isEqualTo(4 * (2 * 2 + 1 * 3));
    assertThat(weights.asFloatBuffer().get(4)).isEqualTo(5f);
    Map<String, Object> facts = JSON.std.mapFrom(Files.readString(folder.resolve("problem.json")));
    assertThat(facts)
        .containsEntry("loss", "squared")
        .containsEntry("rows", ROWS)
        .containsEntry("batch", BATCH)
        .containsEntry("batches", 1)
        .containsEntry("seed", 7);
  }

  @Test
  void whatPeersCannotTrainIsRefused() {
    assertThatThrownBy(
            () -> new PeerProblem(rowNumbers(), layers(), weights(), Loss.mixture(), 2, SEED))
        .hasMessageContaining("not mixture (outcome)");
    assertThatThrownBy(
            () ->
                new PeerProblem(
                    Dataset.supervised("pairs", new float[8], 1, new float[16], 2),
                    layers(),
                    weights(),
                    Loss.squared(),
                    2,
                    SEED))
        .hasMessageContaining(
            "pairs has 1 inputs and 2 targets, weights among them; the layers are [1, 2, 1]");
    assertThatThrownBy(() -> table("gelu", 3)).hasMessageContaining("not gelu");
    assertThatThrownBy(() -> table("leaky_relu", 3)).hasMessageContaining("not leaky_relu");
    assertThatThrownBy(() -> table("relu", 0))
        .hasMessageContaining("evaluations every 0 updates with held-out rows");
    assertThatThrownBy(
            () -> new PeerProblem(rowNumbers(), layers(), weights(), Loss.squared(), 24, SEED))
        .hasMessageContaining("batch 24 does not fit row numbers with 23 rows");
    assertThatThrownBy(
            () ->
                new PeerProblem(
                    rowNumbers(), new int[] {1, 3, 1}, weights(), Loss.squared(), 2, SEED))
        .hasMessageContaining("layer 1 has 4 weights");
    assertThatThrownBy(() -> new Limits(0, 1)).hasMessageContaining("0 updates");
    assertThatThrownBy(() -> new Limits(Long.MAX_VALUE, Double.POSITIVE_INFINITY))
        .hasMessageContaining("one finite");
  }

  /** Of the peers that train autoencoders alone. */
  @Test
  void tablesAreForSomePeers() {
    PeerProblem table = table("leaky_relu:0.01", 3);
    PeerKind.TORCH_ADAMW.check(table);
    PeerKind.TORCH_KFRA.check(problem());
    assertThatThrownBy(() -> PeerKind.TORCH_KFRA.check(table))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("torch-kfra trains autoencoders with tanh")
        .hasMessageContaining("pairs has targets of its own, activation leaky_relu:0.01")
        .hasMessageContaining("take torch-adam, torch-adamw or torch-muon");
  }

  @Test
  void tablesHaveTargetsAndHeldOutRows() throws IOException {
    table("relu", 3).write(folder, new Limits(1, 1));
    assertThat(little("targets.f32").asFloatBuffer().get(7)).isEqualTo(7f);
    assertThat(little("held_rows.f32").remaining()).isEqualTo(4 * 3);
    assertThat(little("held_targets.f32").asFloatBuffer().get(2)).isEqualTo(-2f);
    Map<String, Object> facts = JSON.std.mapFrom(Files.readString(folder.resolve("problem.json")));
    assertThat(facts)
        .containsEntry("targetWidth", 1)
        .containsEntry("heldRows", 3)
        .containsEntry("evaluateEvery", 3)
        .containsEntry("activation", "relu");
    problem().write(folder, new Limits(1, 1));
    assertThat(folder.resolve("targets.f32")).doesNotExist();
    assertThat(folder.resolve("held_rows.f32")).doesNotExist();
  }

  private static PeerProblem table(String activation, int every) {
    float[] targets = {0, 1, 2, 3, 4, 5, 6, 7};
    return new PeerProblem(
        Dataset.supervised("pairs", new float[8], 1, targets, 1),
        Optional.of(Dataset.supervised("held", new float[3], 1, new float[] {0, -1, -2}, 1)),
        every,
        layers(),
        activation,
        weights(),
        Loss.squared(),
        2,
        SEED);
  }

  private static PeerProblem problem() {
    return new PeerProblem(rowNumbers(), layers(), weights(), Loss.squared(), BATCH, SEED);
  }

  private static int[] layers() {
    return new int[] {1, 2, 1};
  }

  private static float[][] weights() {
    return new float[][] {{1, 2, 3, 4}, {5, 6, 7}};
  }

  private static Dataset rowNumbers() {
    float[] numbers = new float[ROWS];
    for (int i = 0; i < ROWS; i++) {
      numbers[i] = i;
    }
    return Dataset.autoencoder("row numbers", numbers, 1);
  }

  private ByteBuffer little(String name) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
  }
}
