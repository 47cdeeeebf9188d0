package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.krongauss.device.Device;
import dev.krongauss.device.Matrix;
import dev.krongauss.model.Batch;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Order, contents and memory of mini-batches on the device. */
final class BatchesTest {
  private static final int ROWS = 23;
  private static final int BATCH = 5;
  private static final int PER_EPOCH = 4; // three rows are dropped

  private final Device device = TestDevice.get();

  @Test
  void anAutoencodersBatchHoldsRowsAndAColumnOfOnes() {
    try (Batches batches = Batches.of(device, autoencoder(), BATCH, 1)) {
      Batch batch = batches.next();
      assertThat(batch.size()).isEqualTo(BATCH);
      assertThat(batch.inputs().rows()).isEqualTo(BATCH);
      assertThat(batch.inputs().columns()).isEqualTo(4);
      assertThat(batch.targets().columns()).isEqualTo(3);
      assertThat(batch.targets().pointer()).isEqualTo(batch.inputs().pointer());
      float[] inputs = batch.inputs().download(device.stream());
      for (int n = 0; n < BATCH; n++) {
        float row = inputs[4 * n];
        assertThat(inputs[4 * n + 1]).isEqualTo(row + 0.25f);
        assertThat(inputs[4 * n + 2]).isEqualTo(row + 0.5f);
        assertThat(inputs[4 * n + 3]).isEqualTo(1);
      }
    }
  }

  @Test
  void paddingIsZero() {
    try (Batches batches = Batches.of(device, autoencoder(), BATCH, 1)) {
      batches.next();
      batches.next();
      Batch batch = batches.next();
      int stride = batch.inputs().stride();
      Matrix whole = Matrix.wrap(batch.inputs().pointer(), BATCH, stride, stride);
      float[] values = whole.download(device.stream());
      for (int i = 0; i < values.length; i++) {
        assertThat(i % stride < 4 || values[i] == 0).as("padding at %d", i).isTrue();
      }
    }
  }

  @Test
  void targetsOfTheirOwnFollowTheirInputs() {
    float[] inputs = new float[ROWS];
    float[] targets = new float[2 * ROWS];
    for (int row = 0; row < ROWS; row++) {
      inputs[row] = row;
      targets[2 * row] = 10 * row;
      targets[2 * row + 1] = -row;
    }
    Dataset data = Dataset.supervised("s", inputs, 1, targets, 2);
    try (Batches batches = Batches.of(device, data, BATCH, 1)) {
      for (int k = 0; k < 2 * PER_EPOCH; k++) {
        Batch batch = batches.next();
        float[] x = batch.inputs().download(device.stream());
        float[] t = batch.targets().download(device.stream());
        for (int n = 0; n < BATCH; n++) {
          assertThat(t[2 * n]).isEqualTo(10 * x[2 * n]);
          assertThat(t[2 * n + 1]).isEqualTo(-x[2 * n]);
        }
      }
    }
  }

  @Test
  void aBatchWithinACaptureIsRefusedAndNotLost() {
    try (Batches batches = Batches.of(device, autoencoder(), BATCH, 1);
        Batches other = Batches.of(device, autoencoder(), BATCH, 1)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> device.stream().capture(batches::next))
          .withMessageContaining("same rows at each launch");
      assertThat(batches.position()).isZero();
      assertThat(rows(batches, PER_EPOCH)).isEqualTo(rows(other, PER_EPOCH));
    }
  }

  @Test
  void anEpochTakesNoRowTwiceAndEpochsDiffer() {
    try (Batches batches = Batches.of(device, autoencoder(), BATCH, 1)) {
      assertThat(batches.batchesPerEpoch()).isEqualTo(PER_EPOCH);
      List<Integer> first = rows(batches, PER_EPOCH);
      List<Integer> second = rows(batches, PER_EPOCH);
      assertThat(first).doesNotHaveDuplicates().hasSize(PER_EPOCH * BATCH);
      assertThat(second).doesNotHaveDuplicates().isNotEqualTo(first);
      assertThat(batches.position()).isEqualTo(2 * PER_EPOCH);
    }
  }

  @Test
  void theSeedDecidesTheOrderAndSeekReturnsToIt() {
    try (Batches a = Batches.of(device, autoencoder(), BATCH, 7);
        Batches b = Batches.of(device, autoencoder(), BATCH, 7);
        Batches other = Batches.of(device, autoencoder(), BATCH, 8)) {
      List<Integer> rows = rows(a, 11);
      assertThat(rows(b, 11)).isEqualTo(rows);
      assertThat(rows(other, 11)).isNotEqualTo(rows);
      b.seek(6);
      assertThat(rows(b, 5)).isEqualTo(rows.subList(6 * BATCH, 11 * BATCH));
      b.seek(0);
      assertThat(rows(b, 11)).isEqualTo(rows);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {(1L << 31) - 2, (1L << 32) - 2, (1L << 34) - 2, (1L << 53) - 2})
  void farOutItIsTheEpochsPermutationToo(long position) {
    try (Batches batches = Batches.of(device, autoencoder(), BATCH, 7)) {
      batches.seek(position);
      for (int k = 0; k < 2 * PER_EPOCH; k++) {
        long at = batches.position();
        int[] order = Batches.permutation(ROWS, 7, at / PER_EPOCH);
        float[] inputs = batches.next().inputs().download(device.stream());
        for (int n = 0; n < BATCH; n++) {
          int row = order[(int) (at % PER_EPOCH) * BATCH + n];
          assertThat(inputs[4 * n]).isEqualTo(autoencoder().inputs()[3 * row]);
        }
      }
      assertThat(batches.position()).isEqualTo(position + 2 * PER_EPOCH);
    }
  }

  @Test
  void theIteratorIsEndlessAndSharesThePosition() {
    try (Batches batches = Batches.of(device, autoencoder(), ROWS, 1)) {
      Iterator<Batch> iterator = batches.iterator();
      for (int k = 0; k < 5; k++) {
        assertThat(iterator.hasNext()).isTrue();
        assertThat(iterator.next().size()).isEqualTo(ROWS);
      }
      assertThat(batches.position()).isEqualTo(5);
    }
  }

  @Test
  void closingFreesTheDeviceAndEndsTheBatches() {
    long before = device.allocatedBytes();
    Batches batches = Batches.of(device, autoencoder(), BATCH, 1);
    batches.next();
    assertThat(device.allocatedBytes()).isGreaterThan(before);
    batches.close();
    batches.close();
    assertThat(device.allocatedBytes()).isEqualTo(before);
    assertThatIllegalStateException().isThrownBy(batches::next).withMessageContaining("closed");
  }

  @Test
  void aBatchMustFitTheData() {
    for (int size : new int[] {0, ROWS + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Batches.of(device, autoencoder(), size, 1))
          .withMessageContaining("batch size %d does not fit", size)
          .withMessageContaining("choose 1 to 23");
    }
  }

  /** Row r holds r, r + 0.25, r + 0.5. */
  private static Dataset autoencoder() {
    float[] values = new float[3 * ROWS];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 3 + 0.25f * (i % 3);
    }
    return Dataset.autoencoder("rows", values, 3);
  }

  private List<Integer> rows(Batches batches, int count) {
    List<Integer> rows = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      Batch batch = batches.next();
      float[] inputs = batch.inputs().download(device.stream());
      for (int n = 0; n < batch.size(); n++) {
        rows.add((int) inputs[n * batch.inputs().columns()]);
      }
    }
    return rows;
  }
}
