package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.tile.Tiles;
import dev.krongauss.kernel.tuning.Shapes;
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
      new SoftwareOptions().restore("seed", "0");
    }
  }

  @Test
  void aHundredThousandRowsHaveShortChains() {
    int M = 100_000;
    int rows = Gram.rows(M, 1);
    int slices = Tiles.up(M, rows);
    assertThat(slices).isEqualTo(Shapes.MOST_SLICES);
    Matrix X = matrix(M, 1);
    float[] x = fill(X, 1);
    Matrix S = matrix(1, 1);
    gram.accumulate(s, List.of(Gram.Item.fresh(X, 1f / M, S)), 0, new Gram.Workspace(arena, 1));
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
    Gram.Workspace workspace = workspace();
    try (Stream stream = device.newStream();
        Graph graph = stream.capture(() -> gram.accumulate(stream, items, 0, workspace))) {
      assertThat(graph.nodes()).isEqualTo(1);
      for (int replay = 0; replay < 3; replay++) {
        for (Gram.Item item : items) {
          fill(item.X(), 10 + replay);
        }
        gram.accumulate(s, alone, 0, workspace());
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
    Gram.Workspace workspace = workspace();
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
  void aWorkspaceHoldsWhatAnyNumberOfRowsNeeds() {
    long tile = 4L * Tiles.TILE * Tiles.TILE;
    int[][] widthsAndBlocks = {{1, 64}, {66, 3 * 64}, {66 + 64, 6 * 64}, {600, 512}};
    for (int[] each : widthsAndBlocks) {
      long before = arena.bytes();
      Gram.Workspace workspace = new Gram.Workspace(arena, each[0]);
      long held = arena.bytes() - before;
      assertThat(held).isEqualTo(each[1] * tile + 4L * Shapes.MOST_SLICED_BLOCKS);
      try (Arena other = device.newArena("Gram operands")) {
        Matrix S = other.matrix(each[0], each[0], "S");
        for (int rows : new int[] {1, 600, 20_000}) {
          Matrix X = other.matrix(Math.min(rows, 520 + 10_000 / each[0]), each[0], "X");
          gram.accumulate(s, List.of(Gram.Item.fresh(X, 1, S)), 0, workspace);
        }
        s.synchronize();
      }
      assertThat(arena.bytes() - before).as("nothing more").isEqualTo(held);
    }
  }

  @Test
  void aWorkspaceThatIsTooSmallIsAnError() {
    Matrix X = matrix(600, 66);
    Matrix S = matrix(66, 66);
    Gram.Workspace workspace = new Gram.Workspace(arena); // for no matrix
    assertThatThrownBy(() -> gram.accumulate(s, List.of(Gram.Item.fresh(X, 1, S)), 0, workspace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("widths of all matrices of a launch");
  }

  private Gram.Workspace workspace() {
    return new Gram.Workspace(arena, Arrays.stream(SHAPES).mapToInt(shape -> shape[1]).toArray());
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
