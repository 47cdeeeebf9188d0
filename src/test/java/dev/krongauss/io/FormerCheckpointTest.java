package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.krongauss.data.Batches;
import dev.krongauss.data.Dataset;
import dev.krongauss.device.Device;
import dev.krongauss.model.Resumable;
import dev.krongauss.net.Activation;
import dev.krongauss.net.Loss;
import dev.krongauss.net.Network;
import dev.krongauss.optim.Adam;
import dev.krongauss.optim.GaussNewton;
import dev.krongauss.optim.Optimizer;
import dev.krongauss.optim.StepReport;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checkpoints of format 1 that were written when it was the only one, after 5 and 9 updates of one
 * run: the first goes on to the second.
 */
final class FormerCheckpointTest {
  /** Four updates of rounding, in weights of about 1, on a device that adds in another order. */
  private static final float ROUNDING = 1e-4f;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"adam", "kfac"})
  void goesOnToWhereItWent(String kind) throws IOException {
    try (Run run = new Run(kind);
        Run later = new Run(kind)) {
      run.load(file(kind + "-5"));
      later.load(file(kind + "-9"));
      StepReport report = null;
      for (int k = 0; k < 4; k++) {
        report = run.optimizer.step(run.batches.next());
      }
      assertThat(report.update()).isEqualTo(9);
      assertThat(run.batches.position()).isEqualTo(later.batches.position());
      float[][] wanted = later.network.weights();
      float[][] got = run.network.weights();
      for (int l = 0; l < wanted.length; l++) {
        assertThat(got[l]).containsExactly(wanted[l], within(ROUNDING));
      }
      assertThat(later.optimizer.step(later.batches.next()).update()).isEqualTo(10);
    }
  }

  @Test
  void damageAndOtherSpellingsAreTold() throws IOException {
    Path file = file("adam-5");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
    try (Run run = new Run("adam")) {
      assertThatThrownBy(() -> run.load(file))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("is damaged: its checksum is ");
      String text = Files.readString(file("adam-5"), StandardCharsets.ISO_8859_1);
      String optimizer = "\"optimizer.optimizer\":\"adam\",";
      String seed = "\"batches.seed\":\"5\",";
      String swapped =
          text.replace(optimizer, "").replace(seed, seed + optimizer); // as long as before
      assertThat(swapped).hasSameSizeAs(text).isNotEqualTo(text);
      Path other = folder.resolve("other");
      Files.writeString(other, swapped.replace("}}   ", "}\n}  "), StandardCharsets.ISO_8859_1);
      run.load(other);
      assertThat(run.batches.position()).isEqualTo(5);
      Map<String, Resumable> parts = new LinkedHashMap<>();
      for (String name : new String[] {"batches", "weights", "optimizer"}) {
        parts.put(name, run.parts().get(name));
      }
      Checkpoint.load(other, run.device.stream(), parts);
      byte[] changed = Files.readAllBytes(other);
      changed[changed.length - 1] ^= 1;
      Files.write(other, changed);
      assertThatThrownBy(() -> run.load(other))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining(
              "was written by another program since it was saved, and values were changed, or other"
                  + " parts were saved: its checksum is ");
      Checkpoint.loadChanged(other, run.device.stream(), run.parts());
      // Spelled as format 1 was, but no writer of its own would begin with another text.
      String sum = text.substring(text.indexOf("\"krongauss.crc32c\""), text.indexOf(optimizer));
      String moved = text.replace(sum, "").replace(optimizer, optimizer + sum);
      byte[] edited = moved.getBytes(StandardCharsets.ISO_8859_1);
      edited[edited.length - 1] ^= 1;
      Files.write(other, edited);
      assertThatThrownBy(() -> run.load(other))
          .hasMessageContaining("was written by another program since it was saved");
    }
  }

  private Path file(String name) throws IOException {
    Path file = folder.resolve(name + ".safetensors");
    try (InputStream content = getClass().getResourceAsStream(name + ".safetensors")) {
      Files.write(file, content.readAllBytes());
    }
    return file;
  }

  /** What wrote the files. */
  private static final class Run implements AutoCloseable {
    private final Device device = TestDevice.get();
    private final Network network;
    private final Batches batches;
    private final Optimizer optimizer;

    Run(String kind) {
      network =
          Network.input(3).dense(4, Activation.TANH).dense(2, Activation.IDENTITY).build(device, 1);
      batches = Batches.of(device, data(), 4, 5);
      optimizer =
          kind.equals("adam")
              ? Adam.builder().learningRate(0.01).halveEvery(3).build(network, Loss.squared())
              : GaussNewton.kfac()
                  .scalarStep()
                  .refreshEvery(2)
                  .reductionEvery(3)
                  .momentum(true)
                  .averageIterates(0.9)
                  .seed(11)
                  .build(network, Loss.squared());
    }

    void load(Path file) throws IOException {
      Checkpoint.load(file, device.stream(), parts());
    }

    Map<String, Resumable> parts() {
      Map<String, Resumable> parts = new LinkedHashMap<>();
      parts.put("weights", Resumable.weights(network));
      parts.put("optimizer", optimizer);
      parts.put("batches", batches);
      return parts;
    }

    private static Dataset data() {
      float[] x = new float[30];
      float[] y = new float[20];
      for (int i = 0; i < x.length; i++) {
        x[i] = (i * 7 % 11 - 5) / 4f;
      }
      for (int i = 0; i < y.length; i++) {
        y[i] = (i * 5 % 7 - 3) / 4f;
      }
      return Dataset.supervised("rows", x, 3, y, 2);
    }

    @Override
    public void close() {
      optimizer.close();
      batches.close();
      network.close();
    }
  }
}
