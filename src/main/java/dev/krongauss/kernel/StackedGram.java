package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/** Inner products of the chunks of two stacks ({@code kernels/stacked_gram.cu}). */
public final class StackedGram {
  private final Function gram;

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public StackedGram(Device device) {
    gram = device.function("stacked_gram", "stacked_gram_f32");
  }

  /**
   * C_ij = C_ji = ⟨V_i, P_j⟩ / n for i ≥ j, where V_i are the rows i n … i n + n − 1 of V; one
   * launch. NaN and infinities are not lost; the order is fixed.
   *
   * @param V {@code [L · n][d]}
   * @param P {@code [L · n][d]}; may be V
   * @param L chunks
   * @param C {@code [L][L]}, written whole; neither V nor P
   * @throws IllegalArgumentException if the shapes do not fit or C is V or P
   */
  public void gram(Stream s, Matrix V, Matrix P, int L, Matrix C) {
    Check.that(
        L >= 1 && V.rows() % L == 0,
        "V is [%d][%d], which is no stack of %d chunks of as many rows each",
        V.rows(),
        V.columns(),
        L);
    Check.shape(P, V.rows(), V.columns(), "P");
    Check.shape(C, L, L, "C");
    Tiles.distinct(C, V, "C", "V");
    Tiles.distinct(C, P, "C", "P");
    gram.on(s)
        .grid(L, L, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(V)
        .i32(V.stride())
        .matrix(P)
        .i32(P.stride())
        .i32(V.rows() / L)
        .i32(V.columns())
        .i32(Elements.whole(V, P))
        .matrix(C)
        .i32(C.stride())
        .launch();
  }
}
