package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.mutation.SoftwareOptions;
import dev.krongauss.testing.TestDevice;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Order and repetition of {@link Reduce}; the cases compare its numbers. */
final class ReduceTest {
  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Reduce reduce = new Reduce(device);
  private Arena arena;
  private List<Matrix> X;
  private List<Matrix> Y;
  private long scratch;
  private Matrix out;

  @BeforeEach
  void allocate() {
    arena = device.newArena("reduce test");
    X = List.of(arena.matrix(100, 33, "X"), arena.matrix(9, 1100, "X"));
    Y = List.of(arena.matrix(100, 33, "Y"), arena.matrix(9, 1100, "Y"));
    scratch = arena.floats(Reduce.scratchFloats(X), "scratch").pointer();
    out = arena.matrix(1, 2, "out");
    fill(1);
  }

  @AfterEach
  void free() {
    arena.close();
    if (device.isSoftware()) {
      new SoftwareOptions().restore("seed", "0");
    }
  }

  @Test
  void aCapturedLaunchIsOneNodeAndReplaysWithOtherData() {
    try (Stream stream = device.newStream();
        Graph graph = stream.capture(() -> run(stream))) {
      assertThat(graph.nodes()).isEqualTo(1);
      for (int replay = 0; replay < 3; replay++) {
        fill(10 + replay);
        run(s);
        float[] wanted = out.download(s);
        out.upload(new float[] {Float.NaN, Float.NaN}, s);
        graph.launch(stream);
        stream.synchronize();
        assertThat(out.download(s)).isEqualTo(wanted);
      }
    }
  }

  @Test
  void anyOrderOfBlocksGivesTheSameBits() {
    assumeTrue(device.isSoftware(), "the order is drawn from SoftCUDA's seed");
    run(s);
    float[] wanted = out.download(s);
    for (int seed = 1; seed < 10; seed++) {
      new SoftwareOptions().set("seed", Integer.toString(seed));
      run(s);
      assertThat(out.download(s)).as("seed %d", seed).isEqualTo(wanted);
    }
  }

  @Test
  void theProductIsTheSameWithAndWithoutTheNorm() {
    run(s);
    float[] both = out.download(s);
    reduce.dot(s, X, Y, scratch, out.pointer());
    reduce.dot(s, X, X, scratch, out.pointer() + 4);
    assertThat(out.download(s)).isEqualTo(both);
  }

  private void run(Stream stream) {
    reduce.dotAndNorm(stream, X, Y, scratch, out.pointer(), out.pointer() + 4);
  }

  private void fill(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (List<Matrix> list : List.of(X, Y)) {
      for (Matrix matrix : list) {
        float[] values = new float[matrix.rows() * matrix.columns()];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (2 * random.nextDouble() - 1);
        }
        matrix.upload(values, s);
      }
    }
  }
}
