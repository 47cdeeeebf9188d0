package dev.krongauss.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Stream;
import dev.krongauss.model.Batch;
import dev.krongauss.testing.TestDevice;
import java.nio.FloatBuffer;

/** A small data set, and sources of its rows. */
final class StreamedRowsFixture {
  static final int ROWS = 23;
  static final int BATCH = 5;
  static final int PER_EPOCH = 4;
  static final int WIDTH = 37;

  private StreamedRowsFixture() {}

  /** What a row of a source does. */
  interface Reading {
    void read(int row, FloatBuffer inputs, FloatBuffer targets) throws Exception;
  }

  private record Source(String name, int size, int inputWidth, int targetWidth, Reading reading)
      implements RowSource {
    @Override
    public void read(int row, FloatBuffer inputs, FloatBuffer targets) throws Exception {
      reading.read(row, inputs, targets);
    }
  }

  static RowSource source(Reading reading) {
    return new Source("source", ROWS, WIDTH, 2, reading);
  }

  /** The row of {@link #data}. */
  static void good(int row, FloatBuffer inputs, FloatBuffer targets) {
    data(false).read(row, inputs, targets);
  }

  static Dataset data(boolean autoencoder) {
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

  /** Those that read ahead. */
  static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("krongauss batches of "))
        .filter(Thread::isAlive)
        .count();
  }

  static void same(Batch sent, Batch streamed) {
    assertThat(streamed.size()).isEqualTo(sent.size());
    Stream stream = TestDevice.get().stream();
    assertThat(streamed.inputs().download(stream)).containsExactly(sent.inputs().download(stream));
    assertThat(streamed.targets().download(stream))
        .containsExactly(sent.targets().download(stream));
  }
}
