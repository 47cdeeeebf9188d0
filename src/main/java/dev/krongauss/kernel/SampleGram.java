package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/** The Gauss-Newton matrix in the space of residuals ({@code kernels/sample_gram.cu}). */
public final class SampleGram {
  /** Layers of a launch: more do not fit its parameters. */
  public static final int MOST_LAYERS = 32;

  private static final int LAYER_BYTES = 40;

  private final Function gram;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public SampleGram(Device device) {
    gram = device.function("sample_gram", "sample_gram_f32");
  }

  /**
   * M[k N + n][k' N + n'] = scale Σ_l (ā_ln · ā_ln') (c_lnk · c_ln'k'), lower triangle; one launch.
   *
   * @param a inputs ā of each layer, [N][I_l]
   * @param C square roots of each layer, [N K][d_l], row n K + k
   * @param scale a factor
   * @param M [N K][N K], of which the lower triangle is written; none of the inputs
   * @throws IllegalArgumentException if counts or shapes do not fit, there are more than 32 layers,
   *     or M is an input
   */
  public void gram(Stream s, List<Matrix> a, List<Matrix> C, float scale, Matrix M) {
    int N = check(a, C, M);
    int K = M.rows() / N;
    long tiles = Tiles.tiles(N);
    long blocks = K * Tiles.lower((int) tiles) + K * (K - 1L) / 2 * tiles * tiles;
    Launch launch =
        gram.on(s)
            .grid(Check.count(blocks, "blocks of kernel sample_gram_f32"), 1, 1)
            .block(Tiles.THREADS, 1, 1);
    launch.struct(8 + MOST_LAYERS * LAYER_BYTES).i32(a.size());
    for (int l = 0; l < a.size(); l++) {
      launch.align(8).matrix(a.get(l)).matrix(C.get(l));
      launch.i32(a.get(l).stride()).i32(a.get(l).columns()).i32(Tiles.whole(a.get(l)));
      launch.i32(C.get(l).stride()).i32(C.get(l).columns()).i32(Tiles.whole(C.get(l)));
    }
    launch.end().matrix(M).i32(M.stride()).i32(Tiles.whole(N, Tiles.aligned(M)));
    launch.i32(N).i32(K).f32(scale).launch();
  }

  private static int check(List<Matrix> a, List<Matrix> C, Matrix M) {
    Check.that(
        !a.isEmpty() && a.size() == C.size() && a.size() <= MOST_LAYERS,
        "%d inputs and %d square roots; give one of each for 1 to %d layers",
        a.size(),
        C.size(),
        MOST_LAYERS);
    int N = a.get(0).rows();
    int rows = Tiles.square(M, "M");
    Check.that(
        rows % N == 0,
        "M is [%d][%d], no multiple of the %d datapoints of the inputs",
        rows,
        rows,
        N);
    for (int l = 0; l < a.size(); l++) {
      Check.shape(a.get(l), N, a.get(l).columns(), "the inputs of layer " + (l + 1));
      Check.shape(C.get(l), rows, C.get(l).columns(), "the square roots of layer " + (l + 1));
      Tiles.distinct(M, a.get(l), "M", "the inputs of layer " + (l + 1));
      Tiles.distinct(M, C.get(l), "M", "the square roots of layer " + (l + 1));
    }
    return N;
  }
}
