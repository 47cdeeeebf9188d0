package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.Shapes;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Links whose tiles' inner dimension is shared out: the same bits whoever adds the sums up. */
final class ChainSlicesTest {
  /** Of three slices, of none, of two. */
  private static final int[] WIDTHS = {200, 310, 40, 300};

  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(5);

  /** The three passes that have slices, with the results of all of their links. */
  private final class Passes {
    final List<Link.Backward> backward = new ArrayList<>();
    final List<Link.Tangents> tangents = new ArrayList<>();
    final List<Link.Recursion> recursion = new ArrayList<>();
    final List<Matrix> results = new ArrayList<>();

    Passes(Arena arena, int N) {
      int top = WIDTHS.length - 1;
      Matrix delta = filled(arena, N, WIDTHS[top]);
      Matrix G = filled(arena, WIDTHS[top], WIDTHS[top]);
      Matrix T = null;
      List<Matrix> products = List.of(scratch(arena), scratch(arena));
      for (int l = top; l > 0; l--) {
        int o = WIDTHS[l];
        int i = WIDTHS[l - 1];
        Matrix W = filled(arena, o, i);
        Matrix below = result(arena, N, i);
        backward.add(new Link.Backward(delta, W, filled(arena, N, i), below));
        Matrix curvature = result(arena, i, i);
        Matrix product = Matrix.wrap(products.get(l % 2).pointer(), o, i, Matrix.paddedStride(i));
        recursion.add(new Link.Recursion(G, W, filled(arena, i, i), product, curvature));
        delta = below;
        G = curvature;
      }
      for (int l = 1; l <= top; l++) {
        int i = WIDTHS[l - 1];
        int o = WIDTHS[l];
        Matrix out = result(arena, l * N, o);
        Matrix D = filled(arena, o, i + 1);
        tangents.add(
            new Link.Tangents(filled(arena, N, i + 1), D, T, filled(arena, o, i), null, out));
        T = out;
      }
    }

    private Matrix scratch(Arena arena) {
      return arena.matrix(310, 310, "scratch");
    }

    private Matrix result(Arena arena, int rows, int columns) {
      Matrix matrix = arena.matrix(rows, columns, "result");
      results.add(matrix);
      return matrix;
    }

    void run(Chain chain) {
      chain.backward(s, backward);
      chain.tangents(s, tangents);
      chain.recursion(s, recursion);
    }

    List<float[]> take() {
      List<float[]> taken = new ArrayList<>();
      for (Matrix matrix : results) {
        taken.add(matrix.download(s));
        s.clear(matrix.pointer(), 4L * matrix.rows() * matrix.stride());
      }
      return taken;
    }
  }

  private Matrix filled(Arena arena, int rows, int columns) {
    Matrix matrix = arena.matrix(rows, columns, "operand");
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5) / 4;
    }
    matrix.upload(values, s);
    return matrix;
  }

  private static void same(List<float[]> wanted, List<float[]> got, String what) {
    for (int k = 0; k < wanted.size(); k++) {
      assertThat(got.get(k)).as("%s, result %d", what, k).isEqualTo(wanted.get(k));
    }
  }

  @Test
  void anyNumberOfBlocksReplaysAndALaunchALinkGiveTheSameBits() {
    try (Arena arena = device.newArena("slices test")) {
      Passes passes = new Passes(arena, 70);
      TileChoice choice = TileChoice.always(Tile.FFMA);
      passes.run(new Chain(device, arena, choice, WIDTHS).blocks(1));
      List<float[]> wanted = passes.take();
      Chain many = new Chain(device, arena, choice, WIDTHS).blocks(1000);
      try (Graph graph = s.capture(() -> passes.run(many))) {
        assertThat(graph.nodes()).isEqualTo(3);
        for (int replay = 0; replay < 2; replay++) {
          graph.launch(s);
          same(wanted, passes.take(), "replay " + replay);
        }
      }
      Chain alone = new Chain(device, arena, choice, WIDTHS).alone();
      try (Graph graph = s.capture(() -> passes.run(alone))) {
        assertThat(graph.nodes()).as("a launch a link").isEqualTo(3 + 3 + 6);
        graph.launch(s);
        same(wanted, passes.take(), "alone");
      }
    }
  }

  @Test
  void shapesDecide() {
    assertThat(Shapes.linkSlices(95, 1)).isEqualTo(1);
    assertThat(Shapes.linkSlices(191, 1)).isEqualTo(1);
    assertThat(Shapes.linkSlices(192, 1)).isEqualTo(2);
    assertThat(Shapes.linkSlices(1000, 128)).isEqualTo(2);
    assertThat(Shapes.linkSlices(1000, 36)).isEqualTo(8);
    assertThat(Shapes.linkSlices(1000, 256)).isEqualTo(1);
    assertThat(Shapes.linkSlices(1000, 1_000_000)).isEqualTo(1);
  }

  @Test
  void aChainThatKnowsNoWidthsSaysSo() {
    try (Arena arena = device.newArena("slices test")) {
      Passes passes = new Passes(arena, 70);
      Chain chain = new Chain(device, arena, TileChoice.always(Tile.FFMA));
      assertThatThrownBy(() -> chain.backward(s, passes.backward))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("slices of links", "widths of all layers");
    }
  }

  @Test
  void neighboursWithOneProductAreRefused() {
    try (Arena arena = device.newArena("slices test")) {
      Passes passes = new Passes(arena, 70);
      Chain chain = new Chain(device, arena, TileChoice.always(Tile.FFMA), WIDTHS);
      Link.Recursion first = passes.recursion.get(0);
      Link.Recursion next = passes.recursion.get(1);
      Matrix taken = Matrix.wrap(first.product().pointer(), 40, 310, 320);
      Link.Recursion same =
          new Link.Recursion(next.G(), next.W(), next.moment(), taken, next.below());
      assertThatThrownBy(() -> chain.recursion(s, List.of(first, same)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("links 0 and 1", "same memory");
    }
  }

  @Test
  void linksOutOfOrderAreRefused() {
    try (Arena arena = device.newArena("slices test")) {
      Passes passes = new Passes(arena, 70);
      Chain chain = new Chain(device, arena, TileChoice.always(Tile.FFMA), WIDTHS);
      List<Link.Backward> turned = List.of(passes.backward.get(2), passes.backward.get(0));
      assertThatThrownBy(() -> chain.backward(s, turned))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer 1 reads 300", "has written 200");
    }
  }
}
