package dev.krongauss.data;

import static dev.krongauss.data.StreamedRowsFixture.BATCH;
import static dev.krongauss.data.StreamedRowsFixture.PER_EPOCH;
import static dev.krongauss.data.StreamedRowsFixture.ROWS;
import static dev.krongauss.data.StreamedRowsFixture.WIDTH;
import static dev.krongauss.data.StreamedRowsFixture.data;
import static dev.krongauss.data.StreamedRowsFixture.good;
import static dev.krongauss.data.StreamedRowsFixture.same;
import static dev.krongauss.data.StreamedRowsFixture.source;
import static dev.krongauss.data.StreamedRowsFixture.threads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Device;
import dev.krongauss.model.Batch;
import dev.krongauss.net.Loss;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of a source of the user's: read, checked, and what becomes of one that cannot be. */
@Timeout(120)
final class RowSourceTest {
  private final Device device = TestDevice.get();

  @AfterEach
  void noThreadIsLeft() {
    assertThat(threads()).isZero();
  }

  /** A file that is mapped, and never on the heap as a whole. */
  @Test
  void comeFromAFile(@TempDir Path folder) throws IOException {
    Dataset data = data(false);
    Path file = folder.resolve("rows");
    ByteBuffer bytes = ByteBuffer.allocate(4 * ROWS * (WIDTH + 2)).order(ByteOrder.nativeOrder());
    for (int row = 0; row < ROWS; row++) {
      FloatBuffer floats =
          bytes
              .slice(4 * row * (WIDTH + 2), 4 * (WIDTH + 2))
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      data.read(row, floats.slice(0, WIDTH), floats.slice(WIDTH, 2));
    }
    Files.write(file, bytes.array());
    try (FileChannel channel = FileChannel.open(file)) {
      FloatBuffer mapped =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      RowSource source =
          source(
              (row, inputs, targets) -> {
                inputs.put(mapped.slice(row * (WIDTH + 2), WIDTH));
                targets.put(mapped.slice(row * (WIDTH + 2) + WIDTH, 2));
              });
      try (Batches sent = Batches.of(device, data, BATCH, 3);
          Batches streamed = Batches.streamed(device, source, BATCH, 3)) {
        for (int k = 0; k < 2 * PER_EPOCH; k++) {
          same(sent.next(), streamed.next());
        }
      }
    }
  }

  /** What the source throws comes out of the batch it was for, and that batch is tried again. */
  @Test
  void aRowThatCannotBeReadIsSaidToWhoAsksForItsBatch() {
    AtomicInteger failures = new AtomicInteger(2);
    int[] order = Batches.permutation(ROWS, 3, 0);
    int bad = order[2 * BATCH + 1]; // in the third batch
    IOException cause = new IOException("the disk is gone");
    RowSource source =
        source(
            (row, inputs, targets) -> {
              if (row == bad && failures.getAndDecrement() > 0) {
                throw cause;
              }
              good(row, inputs, targets);
            });
    try (Batches sent = Batches.of(device, data(false), BATCH, 3);
        Batches streamed = Batches.streamed(device, source, BATCH, 3)) {
      same(sent.next(), streamed.next());
      same(sent.next(), streamed.next());
      for (int k = 0; k < 2; k++) {
        assertThatThrownBy(streamed::next)
            .isInstanceOf(RowException.class)
            .hasMessageContaining("row " + bad + " of source could not be read")
            .hasMessageContaining("the disk is gone")
            .hasCause(cause);
        assertThat(streamed.position()).isEqualTo(2);
      }
      for (int k = 0; k < PER_EPOCH; k++) {
        same(sent.next(), streamed.next());
      }
    }
  }

  @Test
  void anErrorOfTheSourceIsNotLost() {
    RowSource source =
        source(
            (row, inputs, targets) -> {
              throw new StackOverflowError("deep");
            });
    try (Batches streamed = Batches.streamed(device, source, BATCH, 3)) {
      assertThatThrownBy(streamed::next)
          .isInstanceOf(RowException.class)
          .hasMessageContaining("a batch of source could not be made")
          .hasCauseInstanceOf(StackOverflowError.class);
    }
  }

  @Test
  void aRowMustBeWhole() {
    RowSource shorter =
        source(
            (row, inputs, targets) -> {
              inputs.put(new float[WIDTH - 1]);
              targets.put(new float[2]);
            });
    refused(shorter, "36 of its 37 inputs were written");
    RowSource longer = source((row, inputs, targets) -> inputs.put(new float[WIDTH + 1]));
    refused(longer, "BufferOverflow");
    RowSource none = source((row, inputs, targets) -> inputs.put(new float[WIDTH]));
    refused(none, "0 of its 2 targets were written");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
  void aNumberMustBeFinite(float value) {
    RowSource inputsOf =
        source(
            (row, inputs, targets) -> {
              good(row, inputs, targets);
              inputs.put(5, value);
            });
    refused(inputsOf, value + " in column 5 of the inputs");
    RowSource targetsOf =
        source(
            (row, inputs, targets) -> {
              good(row, inputs, targets);
              targets.put(1, value);
            });
    refused(targetsOf, value + " in column 1 of the targets");
  }

  private void refused(RowSource source, String why) {
    try (Batches streamed = Batches.streamed(device, source, BATCH, 3)) {
      assertThatThrownBy(streamed::next)
          .isInstanceOf(RowException.class)
          .hasMessageContaining(why)
          .hasMessageContaining("source");
    }
  }

  /** Also those of batches that were read before the loss was known. */
  @Test
  void aTargetThatTheLossCannotTakeIsRefusedWithItsBatch() {
    int bad = Batches.permutation(ROWS, 3, 1)[2];
    RowSource source =
        source(
            (row, inputs, targets) -> {
              inputs.put(new float[WIDTH]);
              targets.put(0.5f).put(row == bad ? 1.5f : 1);
            });
    for (int known : new int[] {0, PER_EPOCH - 1, PER_EPOCH}) {
      try (Batches streamed = Batches.streamed(device, source, BATCH, 3)) {
        for (int k = 0; k < PER_EPOCH + 3; k++) {
          Batch batch = streamed.next();
          if (k == PER_EPOCH) {
            assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.checkTargets(Loss.bernoulli()))
                .withMessageContaining("a batch of source does not fit loss")
                .withMessageContaining("1.5");
          } else if (k >= known) {
            batch.checkTargets(Loss.bernoulli());
          }
          batch.checkTargets(Loss.squared());
        }
      }
    }
  }

  /** No more than the row in hand is waited for. */
  @Test
  void closeWhileARowIsRead() throws InterruptedException {
    CountDownLatch reading = new CountDownLatch(BATCH + 1);
    AtomicInteger rows = new AtomicInteger();
    RowSource source =
        source(
            (row, inputs, targets) -> {
              reading.countDown();
              if (rows.incrementAndGet() > BATCH) {
                Thread.sleep(50);
              }
              good(row, inputs, targets);
            });
    try (Batches streamed = Batches.streamed(device, source, BATCH, 3)) {
      streamed.next();
      reading.await(); // the second batch is begun
    }
    assertThat(rows.get()).as("rows read").isLessThan(2 * BATCH);
  }
}
