package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.Coefficients.Decision;
import dev.krongauss.kernel.Loss.Kind;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;
import java.util.EnumMap;
import java.util.Map;

/**
 * Inner products of the chunks of two stacks, and what is decided by them ({@code
 * kernels/stacked_gram.cu}).
 */
public final class StackedGram {
  private final Function gram;
  private final Function decide;
  private final Map<Kind, Function> decideCurved = new EnumMap<>(Kind.class);

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public StackedGram(Device device) {
    gram = device.function("stacked_gram", "stacked_gram_f32");
    decide = device.function("stacked_gram", "stacked_gram_f32__decide");
    for (Kind kind : Kind.values()) {
      String name = "stacked_gram_f32__decide" + kind.variant().substring(1);
      decideCurved.put(kind, device.function("stacked_gram", name));
    }
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
    check(V, P, "P", V.rows(), L, C);
    write(gram.on(s), V, P, L, C).launch();
  }

  /**
   * The same, and in the same launch {@link Coefficients#decide} with these C: as many nodes fewer
   * as launches.
   *
   * @param arrived device address of an int, 0 before the first use and after each; launches that
   *     share it follow one another
   * @param decision its C {@code [L][L]} is written whole; neither V nor P
   * @throws IllegalArgumentException if the shapes do not fit or C is V or P
   */
  public void decide(Stream s, Matrix V, Matrix P, long arrived, Decision decision) {
    check(V, P, "P", V.rows(), chunks(decision), decision.model().C());
    launch(s, decide, V, P, arrived, decision);
  }

  /**
   * The same with P_j = H V_j, H the Hessian of a loss at each row of h, which is computed as it is
   * summed: for fewer outputs than a block a row would be taken for.
   *
   * @param h logits {@code [n][d]}
   */
  public void decide(Stream s, Kind kind, Matrix h, Matrix V, long arrived, Decision decision) {
    int L = chunks(decision);
    check(V, h, "h", V.rows() / L, L, decision.model().C());
    launch(s, decideCurved.get(kind), V, h, arrived, decision);
  }

  private static int chunks(Decision decision) {
    return decision.model().C().rows();
  }

  private static void launch(
      Stream s, Function kernel, Matrix V, Matrix other, long arrived, Decision by) {
    Matrix C = by.model().C();
    Elements.address(arrived, "the counter");
    Launch launch = write(kernel.on(s), V, other, C.rows(), C);
    by.write(launch.pointer(by.model().measures()).pointer(arrived)).launch();
  }

  private static void check(Matrix V, Matrix other, String name, int rows, int L, Matrix C) {
    Check.that(
        L >= 1 && V.rows() % L == 0,
        "V is [%d][%d], which is no stack of %d chunks of as many rows each",
        V.rows(),
        V.columns(),
        L);
    Check.shape(other, rows, V.columns(), name);
    Check.shape(C, L, L, "C");
    Tiles.distinct(C, V, "C", "V");
    Tiles.distinct(C, other, "C", name);
  }

  private static Launch write(Launch launch, Matrix V, Matrix other, int L, Matrix C) {
    return launch
        .grid(L, L, 1)
        .block(Elements.THREADS, 1, 1)
        .matrix(V)
        .i32(V.stride())
        .matrix(other)
        .i32(other.stride())
        .i32(V.rows() / L)
        .i32(V.columns())
        .i32(Elements.whole(V, other))
        .matrix(C)
        .i32(C.stride());
  }
}
