package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.operations.Operations;
import dev.krongauss.kernel.operations.Passes;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.testing.Compare;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tangents of all layers' directions: in one launch, a launch a layer, and by libraries. */
final class TangentsTest {
  private static final String CHAIN = "krongauss.chain";
  private static final int SEED = 11;

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(SEED);

  /** A network's stacked pass, and the pass of one tangent along all directions together. */
  private final class Network {
    final int n;
    final int[] widths;
    final List<Link.Tangents> stacked = new ArrayList<>();
    final List<Link.Tangent> together = new ArrayList<>();

    Network(Arena arena, int n, int... widths) {
      this.n = n;
      this.widths = widths;
      Matrix T = null;
      Matrix v = null;
      for (int l = 1; l < widths.length; l++) {
        int i = widths[l - 1];
        int o = widths[l];
        Matrix a = filled(arena, n, i + 1);
        Matrix D = filled(arena, o, i + 1);
        Matrix W = filled(arena, o, i + 1);
        Matrix b = l + 1 < widths.length ? filled(arena, n, o) : null;
        Matrix out = arena.matrix(l * n, o, "tangents");
        Matrix sum = arena.matrix(n, o, "tangent");
        stacked.add(new Link.Tangents(a, D, T, W, b, out));
        together.add(new Link.Tangent(a, D, v, W, b, sum));
        T = out;
        v = sum;
      }
    }

    float[] last() {
      return stacked.get(stacked.size() - 1).out().download(s);
    }

    /**
     * Chunks add up to the tangent along all directions, since it is linear in them. All terms are
     * positive: each layer adds the roundings of its sums to the relative error of either side, 29
     * at least on tensor cores, and one for the derivative.
     */
    void check(String what) {
      int o = widths[widths.length - 1];
      float[] chunks = last();
      double[][] sum = new double[n][o];
      for (int k = 0; k < chunks.length; k++) {
        sum[k / o % n][k % o] += chunks[k];
      }
      int roundings = 0;
      for (int l = 1; l < widths.length; l++) {
        roundings += 2 * Math.max(widths[l - 1] + 1, 32) + 2;
      }
      int all = roundings;
      Compare.matrix(
          what,
          SEED,
          sum,
          together.get(together.size() - 1).out().download(s),
          (i, j) -> Compare.bound(2, all, sum[i][j]));
    }
  }

  private Matrix filled(Arena arena, int rows, int columns) {
    Matrix matrix = arena.matrix(rows, columns, "operand");
    fill(matrix);
    return matrix;
  }

  /** Positive, and of a size that keeps the tangents of many layers near 1. */
  private void fill(Matrix matrix) {
    float[] values = new float[matrix.rows() * matrix.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() * 4 / matrix.columns());
    }
    matrix.upload(values, s);
  }

  private static int[] alike(int layers, int units) {
    int[] widths = new int[layers + 1];
    Arrays.fill(widths, units);
    return widths;
  }

  @ParameterizedTest
  @CsvSource({"KERNELS,on", "KERNELS,off", "LIBRARIES,on"})
  void chunksAddUpToTheTangentAlongAllDirections(Operations.Mode mode, String chain) {
    String before = System.getProperty(CHAIN, "on");
    System.setProperty(CHAIN, chain);
    try (Arena arena = device.newArena("tangents test")) {
      Passes passes = new Operations(device, mode).passes(arena);
      for (Network network :
          List.of(
              new Network(arena, 1, 1, 1),
              new Network(arena, 5, 7, 3), // one layer: its own direction alone
              new Network(arena, 21, 33, 70, 1, 65, 4),
              new Network(arena, 66, 5, 64, 63))) {
        passes.tangents(s, network.stacked);
        passes.tangent(s, network.together);
        network.check(mode + ", chain " + chain);
      }
      s.synchronize();
    } finally {
      System.setProperty(CHAIN, before);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000})
  void oneLaunchHasTheBitsOfALaunchALayer(int blocks) {
    try (Arena arena = device.newArena("tangents test")) {
      Network network = new Network(arena, 43, alike(4, 70));
      Chain chain = new Chain(device, arena, TileChoice.always(Tile.FFMA)).blocks(blocks);
      try (Graph graph = s.capture(() -> chain.tangents(s, network.stacked))) {
        assertThat(graph.nodes()).isEqualTo(1);
        for (int replay = 0; replay < 3; replay++) {
          fill(network.stacked.get(0).input());
          graph.launch(s);
          agreesWithSingles(network, "replay " + replay);
        }
      }
    }
  }

  @Test
  void moreLayersThanOneLaunchTakesGoInTwo() {
    try (Arena arena = device.newArena("tangents test")) {
      Network network = new Network(arena, 3, alike(Groups.MOST + 2, 5));
      new Chain(device, arena, TileChoice.always(Tile.FFMA)).tangents(s, network.stacked);
      agreesWithSingles(network, "34 layers");
      new Chain(device, arena).tangent(s, network.together);
      network.check("34 layers");
    }
  }

  private void agreesWithSingles(Network network, String what) {
    List<float[]> chained = new ArrayList<>();
    for (Link.Tangents link : network.stacked) {
      chained.add(link.out().download(s));
      s.clear(link.out().pointer(), 4L * link.out().rows() * link.out().stride());
    }
    Tangents single = new Tangents(device, TileChoice.always(Tile.FFMA));
    for (int l = 0; l < network.stacked.size(); l++) {
      Link.Tangents link = network.stacked.get(l);
      single.layer(s, link);
      assertThat(chained.get(l)).as("%s, layer %d", what, l).isEqualTo(link.out().download(s));
    }
  }

  @Test
  void shapesAreCheckedBeforeAnythingRuns() {
    Matrix a = Matrix.wrap(1 << 20, 8, 5, 8);
    Matrix W = Matrix.wrap(1 << 21, 3, 5, 8);
    Matrix T = Matrix.wrap(1 << 22, 16, 4, 8);
    Matrix out = Matrix.wrap(1 << 23, 24, 3, 8);
    refused(() -> new Link.Tangents(a, W, T.rows(0, 12), W, null, out), "12 rows", "chunks of 8");
    refused(() -> new Link.Tangents(a, W, T.columns(3), W, null, out), "tangents", "[16][4]");
    refused(() -> new Link.Tangents(a, W, null, W, null, out), "out is [24][3]", "[8][3]");
    refused(() -> new Link.Tangents(a, W.columns(4), T, W, null, out), "D is [3][4]", "[3][5]");
    refused(() -> new Link.Tangents(a, W, T, W.columns(3), null, out), "W is [3][3]", "[3][4]");
    refused(() -> new Link.Tangents(a, W, T, W, out, out), "derivative", "[24][3]", "[8][3]");
    Matrix first = out.rows(0, 8);
    refused(() -> new Link.Tangents(a, W, null, W, first, first), "out and derivative", "same");
    refused(
        () -> new Link.Tangents(a, W, Matrix.wrap(1 << 23, 16, 4, 8), W, null, out),
        "out and tangents",
        "same memory");
    Epilogue epilogue = new Epilogue(device);
    refused(() -> epilogue.scaleChunks(s, T, a.columns(3)), "X [16][4]", "derivative [8][3]");
    refused(() -> epilogue.scaleChunks(s, T.rows(0, 12), a.columns(4)), "X [12][4]", "chunks");
    try (Arena arena = device.newArena("tangents test")) {
      Chain chain = new Chain(device, arena);
      refused(() -> chain.tangents(s, List.of()), "no layer");
      Link.Tangents other =
          new Link.Tangents(
              Matrix.wrap(1 << 20, 4, 5, 8), W, T, W, null, Matrix.wrap(1 << 23, 20, 3, 8));
      Link.Tangents link = new Link.Tangents(a, W, T, W, null, out);
      refused(() -> chain.tangents(s, List.of(link, other)), "batch of 4", "8");
    }
  }

  private static void refused(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).message().contains(parts);
  }
}
