package dev.krongauss.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Buffer;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.model.Resumable;
import dev.krongauss.model.State;
import dev.krongauss.testing.TestDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors in parts, and places that no int can count. */
final class LargeCheckpointTest {
  private static final int[][] SHAPES = {{1, 1}, {3, 7}, {7, 3}, {1, 13}, {4, 5}, {11, 2}, {2, 10}};
  private static final float OUTSIDE = -7;

  @TempDir private Path folder;

  private final Arena arena = TestDevice.get().newArena("large checkpoint test");
  private final Stream stream = TestDevice.get().stream();

  @AfterEach
  void close() {
    arena.close();
  }

  /** Matrices with something between and behind their rows, and words. */
  private final class Values implements Resumable {
    private final List<Buffer> memory = new ArrayList<>();
    private final List<Matrix> matrices = new ArrayList<>();
    private final Buffer words = arena.ints(17, "words");

    Values(boolean filled) {
      for (int[] shape : SHAPES) {
        int stride = shape[1] + 3;
        Buffer all = arena.floats((long) shape[0] * stride + 1, "memory");
        float[] values = new float[shape[0] * stride + 1];
        Arrays.fill(values, OUTSIDE);
        all.upload(values, stream);
        Matrix matrix = Matrix.wrap(all.at(1), shape[0], shape[1], stride);
        float[] inside = new float[shape[0] * shape[1]];
        for (int i = 0; filled && i < inside.length; i++) {
          inside[i] = 100 * matrices.size() + i;
        }
        matrix.upload(inside, stream);
        memory.add(all);
        matrices.add(matrix);
      }
      if (filled) {
        int[] ints = new int[17];
        Arrays.setAll(ints, i -> i * 0x01234567);
        words.uploadInts(ints, stream);
      }
    }

    @Override
    public void exchange(State state) {
      state.matrices("M", matrices);
      state.buffer("words", words);
    }

    List<float[]> download() {
      List<float[]> all = new ArrayList<>();
      memory.forEach(b -> all.add(b.downloadFloats((int) (b.bytes() / 4), stream)));
      all.add(words.downloadFloats(17, stream));
      return all;
    }
  }

  /**
   * Rows together, rows one by one, pieces of rows, single numbers: the same file, the same bits.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 7, 10, 12, 1000})
  void partsGiveTheSameFileAndValues(int words) throws IOException {
    Values values = new Values(true);
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    Checkpoint.save(whole, stream, Map.of("values", values));
    Checkpoint.save(parts, stream, Map.of("values", values), new Parts(words));
    assertThat(parts).hasSameBinaryContentAs(whole);
    Values other = new Values(false);
    Checkpoint.load(parts, stream, Map.of("values", other), new Parts(words), false);
    List<float[]> wanted = values.download();
    List<float[]> got = other.download();
    for (int k = 0; k < wanted.size(); k++) {
      assertThat(got.get(k)).as("of %d", k).isEqualTo(wanted.get(k));
    }
  }

  @Test
  void noPartIsLargerThanAsked() throws IOException {
    Values values = new Values(true);
    for (Matrix matrix : values.matrices) {
      List<Integer> sizes = new ArrayList<>();
      new Parts(6).of(matrix).forEach(part -> sizes.add(part.rows() * part.columns()));
      assertThat(sizes).allMatch(size -> size <= 6);
      assertThat(sizes.stream().mapToInt(size -> size).sum())
          .isEqualTo(matrix.rows() * matrix.columns());
    }
  }

  /** A layer's Q of 23,171² floats, of which a sparse file has the last ones, and what follows. */
  @Test
  void whatLiesBeyondTwoGibibytesIsRead() throws IOException {
    long q = 4L * 23_171 * 23_171;
    Path file = folder.resolve("sparse");
    Safetensors head =
        new Safetensors(
            Map.of("krongauss.format", "2"),
            List.of(
                new Safetensors.Tensor("part.Q", "F32", new long[] {23_171, 23_171}, 0, q),
                new Safetensors.Tensor("part.W", "F32", new long[] {2, 3}, q, q + 24)));
    byte[] spelled = head.head(0);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      WholeFile.write(channel, ByteBuffer.wrap(spelled));
      channel.position(spelled.length + q);
      ByteBuffer values = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
      values.asFloatBuffer().put(new float[] {1, 2, 3, 4, 5, 6});
      WholeFile.write(channel, values);
    }
    assertThat(Files.size(file)).isEqualTo(spelled.length + q + 24).isGreaterThan(1L << 31);
    Matrix matrix = arena.matrix(2, 3, "W");
    try (FileChannel channel = FileChannel.open(file)) {
      byte[] bytes = Safetensors.readHead(file, channel, "checkpoint");
      CheckpointReader reader =
          new CheckpointReader(
              file,
              channel,
              Safetensors.read(file, channel, bytes),
              bytes.length,
              stream,
              Parts.USUAL);
      reader.take();
      reader.of("part").matrix("W", matrix);
    }
    assertThat(matrix.download(stream)).containsExactly(1, 2, 3, 4, 5, 6);
  }
}
