package dev.krongauss.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.krongauss.device.Arena;
import dev.krongauss.device.Device;
import dev.krongauss.device.Graph;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Link;
import dev.krongauss.kernel.argument.Transfer;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tile;
import dev.krongauss.kernel.tuning.TileChoice;
import dev.krongauss.testing.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pass in one launch gives the bits of a launch a layer, again and again, with any blocks. */
final class ChainTest {
  private final Device device = TestDevice.get();
  private final Stream s = device.stream();
  private final SplittableRandom random = new SplittableRandom(7);

  /**
   * Layers of 70 units with their own memory; {@code results} of the chain and of single layers.
   */
  private final class Layers {
    final List<Link.Forward> links = new ArrayList<>();
    final List<Link.Forward> single = new ArrayList<>();
    final Matrix input;

    Layers(Arena arena, int count, int units) {
      int N = 65;
      input = arena.matrix(N, units + 1, "input");
      Matrix a = input;
      Matrix b = input;
      for (int l = 0; l < count; l++) {
        Matrix W = arena.matrix(units, units + 1, "W");
        fill(W);
        Matrix outA = arena.matrix(N, units + 1, "a");
        Matrix outB = arena.matrix(N, units + 1, "a of single layers");
        links.add(new Link.Forward(a, W, Transfer.TANH, 0, outA.columns(units), null));
        single.add(new Link.Forward(b, W, Transfer.TANH, 0, outB.columns(units), null));
        a = outA;
        b = outB;
      }
    }

    void check(String what) {
      Matmul matmul = new Matmul(device, TileChoice.always(Tile.FFMA));
      for (Link.Forward l : single) {
        matmul.forward(s, l.input(), l.W(), l.f(), l.slope(), l.output(), null);
      }
      for (int l = 0; l < links.size(); l++) {
        assertThat(links.get(l).output().download(s))
            .as("%s, layer %d", what, l)
            .isEqualTo(single.get(l).output().download(s));
      }
    }
  }

  private void fill(Matrix matrix) {
    float[] values = new float[matrix.rows() * matrix.columns()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5) / 4;
    }
    matrix.upload(values, s);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000})
  void replaysWithOtherDataAndAnyNumberOfBlocks(int blocks) {
    try (Arena arena = device.newArena("chain test")) {
      Layers layers = new Layers(arena, 4, 70);
      Chain chain = new Chain(device, arena, TileChoice.always(Tile.FFMA)).blocks(blocks);
      fill(layers.input);
      chain.forward(s, layers.links);
      layers.check("first launch");
      try (Graph graph = s.capture(() -> chain.forward(s, layers.links))) {
        assertThat(graph.nodes()).isEqualTo(1);
        for (int replay = 0; replay < 3; replay++) {
          fill(layers.input);
          graph.launch(s);
          layers.check("replay " + replay);
        }
      }
    }
  }

  @Test
  void moreLayersThanOneLaunchTakesGoInTwo() {
    try (Arena arena = device.newArena("chain test")) {
      Layers layers = new Layers(arena, Groups.MOST + 2, 5);
      Chain chain = new Chain(device, arena, TileChoice.always(Tile.FFMA));
      fill(layers.input);
      chain.forward(s, layers.links);
      layers.check("34 layers");
    }
  }

  @Test
  void shapesAreCheckedBeforeAnythingRuns() {
    Matrix a = Matrix.wrap(1 << 20, 8, 5, 8);
    Matrix W = Matrix.wrap(1 << 21, 3, 6, 8);
    Matrix out = Matrix.wrap(1 << 22, 8, 3, 8);
    assertThatThrownBy(() -> new Link.Forward(a, W, Transfer.TANH, 0, out, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("W is [3][6]", "[3][5]");
    assertThatThrownBy(() -> new Link.Backward(out, W, a, a))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same memory");
    try (Arena arena = device.newArena("chain test")) {
      Chain chain = new Chain(device, arena);
      assertThatThrownBy(() -> chain.forward(s, List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no layer");
    }
  }
}
