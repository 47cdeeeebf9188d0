package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.model.Batch;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches gathered from a data set on the device: those that are sent, bit for bit. */
final class ResidentBatchesTest {
  private static final int ROWS = 23;
  private static final int BATCH = 5;
  private static final int PER_EPOCH = 4;
  private static final int WIDTH = 37;

  private final Device device = TestDevice.get();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areThoseThatAreSent(boolean autoencoder) {
    Dataset data = data(autoencoder);
    try (Batches sent = Batches.of(device, data, BATCH, 3);
        Batches resident = Batches.resident(device, data, BATCH, 3)) {
      for (int k = 0; k < 3 * PER_EPOCH + 1; k++) {
        same(sent.next(), resident.next());
      }
      // To an epoch whose permutation has gone, and into the middle of one that was not sent.
      for (long position : new long[] {1, 5 * PER_EPOCH + 2, 4 * PER_EPOCH + 3, 1L << 40}) {
        sent.seek(position);
        resident.seek(position);
        for (int k = 0; k < PER_EPOCH; k++) {
          same(sent.next(), resident.next());
        }
      }
    }
  }

  private void same(Batch sent, Batch resident) {
    assertThat(resident.size()).isEqualTo(sent.size());
    assertThat(resident.inputs().download(device.stream()))
        .containsExactly(sent.inputs().download(device.stream()));
    assertThat(resident.targets().download(device.stream()))
        .containsExactly(sent.targets().download(device.stream()));
  }

  @Test
  void nothingIsSentForABatchButAPermutationAnEpoch() {
    try (Batches batches = Batches.resident(device, data(false), BATCH, 1)) {
      batches.next(); // and the epoch's permutation
      for (int epoch = 0; epoch < 3; epoch++) {
        long before = device.usage().uploadedBytes();
        batches.next().inputs();
        assertThat(device.usage().uploadedBytes()).as("ahead").isEqualTo(before + 4 * ROWS);
        for (int k = 2; k <= PER_EPOCH; k++) {
          batches.next().inputs();
        }
        assertThat(device.usage().uploadedBytes()).isEqualTo(before + 4 * ROWS);
      }
    }
  }

  /** A batch is gathered when it is asked for, once, and one that nobody asks for never. */
  @Test
  void areGatheredWhenTheyAreAskedFor() {
    List<String> launched = new ArrayList<>();
    Batch batch;
    try (Batches batches = Batches.resident(device, data(false), BATCH, 1)) {
      device.stream().onLaunch(launched::add);
      batches.next();
      batch = batches.next();
      assertThat(batch.size()).isEqualTo(BATCH);
      assertThat(launched).isEmpty();
      batch.inputs();
      batch.targets();
      assertThat(launched).containsExactly("gather_f32");
    } finally {
      device.stream().onLaunch(null);
    }
    assertThatIllegalStateException().isThrownBy(batch::inputs).withMessageContaining("are closed");
  }

  @Test
  void aCaptureTakesTheSource() {
    try (Batches batches = Batches.resident(device, data(false), BATCH, 1)) {
      Batch batch = batches.next();
      batches.next();
      assertThatIllegalStateException()
          .isThrownBy(() -> device.stream().capture(batch::inputs))
          .withMessageContaining("source()");
      try (Batches sent = Batches.of(device, data(false), BATCH, 1);
          Graph graph = device.stream().capture(() -> batch.source().bring(device.stream()))) {
        sent.next();
        for (int k = 1; k < 2 * PER_EPOCH; k++) {
          batch.source().expect();
          graph.launch(device.stream());
          same(sent.next(), batch.source().place());
          batches.next();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void takeTheMemoryThatIsSaidAndGiveItBack(boolean autoencoder) {
    Dataset data = data(autoencoder);
    long before = device.usage().deviceBytes();
    try (Batches sent = Batches.of(device, data, BATCH, 1)) {
      long batch = device.usage().deviceBytes() - before;
      try (Batches resident = Batches.resident(device, data, BATCH, 1)) {
        resident.next();
        long more = device.usage().deviceBytes() - before - 2 * batch;
        assertThat(more).isBetween(Batches.residentBytes(data), Batches.residentBytes(data) + 1024);
      }
      sent.next();
    }
    assertThat(device.usage().deviceBytes()).isEqualTo(before);
  }

  @Test
  void aBatchMustFitTheData() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Batches.resident(device, data(true), ROWS + 1, 1))
        .withMessageContaining("choose 1 to 23");
  }

  private static Dataset data(boolean autoencoder) {
    float[] inputs = new float[ROWS * WIDTH];
    float[] targets = new float[2 * ROWS];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = i + 0.5f;
    }
    for (int i = 0; i < targets.length; i++) {
      targets[i] = -i;
    }
    return autoencoder
        ? Dataset.autoencoder("a", inputs, WIDTH)
        : Dataset.supervised("s", inputs, WIDTH, targets, 2);
  }
}
