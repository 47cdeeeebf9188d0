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
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Slices of {@link Gram}: order, repetition and memory; the cases compare its numbers. */
final class GramTest {
  private static final int[][] SHAPES = {{1200, 66}, {700, 3}, {90, 70}};

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final Gram gram = new Gram(device);
  private Arena arena;

  @BeforeEach
  void allocate() {
    arena = device.newArena("Gram test");
  }

  @AfterEach
  void free() {
    arena.close();
    if (device.isSoftware()) {
      new SoftwareOptions().set("seed", System.getProperty("krongauss.softcuda.seed", "0"));
    }
  }

  @Test
  void aHundredThousandRowsHaveShortChains() {
    int M = 100_000;
    int rows = Gram.rows(M, 1);
    int slices = Tiles.up(M, rows);
    assertThat(slices).isEqualTo(Gram.MOST_SLICES);
    Matrix X = matrix(M, 1);
    float[] x = fill(X, 1);
    Matrix S = matrix(1, 1);
    gram.accumulate(s, List.of(Gram.Item.fresh(X, 1f / M, S)), 0, new Gram.Workspace(arena));
    double sum = 0;
    for (float value : x) {
      sum += (double) value * value;
    }
    double wanted = sum / M;
    double error = Math.abs(S.download(s)[0] - wanted) / wanted;
    assertThat(error).isLessThan((rows + slices + 4) * Wanted.EPSILON);
  }

  @Test
  void aCapturedLaunchIsOneNodeAndReplaysWithOtherData() {
    List<Gram.Item> items = items();
    List<Gram.Item> alone = items.stream().map(this::elsewhere).toList();
    Gram.Workspace workspace = new Gram.Workspace(arena);
    gram.accumulate(s, items, 0, workspace); // takes its memory
    try (Stream stream = device.newStream();
        Graph graph = stream.capture(() -> gram.accumulate(stream, items, 0, workspace))) {
      assertThat(graph.nodes()).isEqualTo(1);
      for (int replay = 0; replay < 3; replay++) {
        for (Gram.Item item : items) {
          fill(item.X(), 10 + replay);
        }
        gram.accumulate(s, alone, 0, new Gram.Workspace(arena));
        s.synchronize();
        graph.launch(stream);
        stream.synchronize();
        for (int k = 0; k < items.size(); k++) {
          assertThat(items.get(k).S().download(s)).isEqualTo(alone.get(k).S().download(s));
        }
      }
    }
  }

  @Test
  void anyOrderOfBlocksGivesTheSameBits() {
    assumeTrue(device.isSoftware(), "the order is drawn from SoftCUDA's seed");
    List<Gram.Item> items = items();
    Gram.Workspace workspace = new Gram.Workspace(arena);
    float[][] first = null;
    for (int seed = 0; seed < 8; seed++) {
      new SoftwareOptions().set("seed", Integer.toString(seed));
      gram.accumulate(s, items, 0, workspace);
      float[][] got = items.stream().map(i -> i.S().download(s)).toArray(float[][]::new);
      first = first == null ? got : first;
      assertThat(got).as("seed %d", seed).isDeepEqualTo(first);
    }
  }

  @Test
  void aWorkspaceDoublesWhereItIsTooSmall() {
    Gram.Workspace workspace = new Gram.Workspace(arena);
    long counters = arena.bytes();
    int tiles = 3;
    long tile = 4L * Tiles.TILE * Tiles.TILE;
    long[][] cases = {{100, 0}, {600, 2}, {900, 2 + 4}, {600, 2 + 4}, {1600, 2 + 4 + 8}};
    try (Arena other = device.newArena("Gram operands")) {
      for (long[] rowsAndSlices : cases) {
        Matrix X = other.matrix((int) rowsAndSlices[0], 66, "X");
        Matrix S = other.matrix(66, 66, "S");
        gram.accumulate(s, List.of(Gram.Item.fresh(X, 1, S)), 0, workspace);
        assertThat(arena.bytes() - counters)
            .as("bytes after %d rows", rowsAndSlices[0])
            .isEqualTo(rowsAndSlices[1] * tiles * tile);
      }
      s.synchronize();
    }
  }

  private List<Gram.Item> items() {
    return Arrays.stream(SHAPES)
        .map(shape -> matrix(shape[0], shape[1]))
        .peek(X -> fill(X, 5))
        .map(X -> Gram.Item.fresh(X, 0.5f, matrix(X.columns(), X.columns())))
        .toList();
  }

  private Gram.Item elsewhere(Gram.Item item) {
    return Gram.Item.fresh(item.X(), item.alpha(), matrix(item.S().rows(), item.S().rows()));
  }

  private Matrix matrix(int rows, int columns) {
    return arena.matrix(rows, columns, "matrix");
  }

  private float[] fill(Matrix matrix, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[matrix.rows() * matrix.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    matrix.upload(values, s);
    return values;
  }
}
