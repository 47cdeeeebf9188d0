package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.argument.Past;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.group.Groups;
import dev.krongauss.kernel.tile.Tiles;
import java.util.List;

/**
 * The split of the damping between the two factors of every layer, for three dampings ({@code
 * kernels/trace_damping.cu}).
 */
public final class TraceDamping {
  /** Dampings of a launch. */
  public static final int CANDIDATES = 3;

  private final Function damping;

  /**
   * The three γ of a launch: γ, {@code second} · γ and {@code third} · γ, each raised to {@code
   * least} or lowered to {@code greatest} where it is beyond.
   */
  public record Candidates(float second, float third, float least, float greatest) {
    /**
     * @throws IllegalArgumentException if a factor is not positive and finite or the bounds are no
     *     interval
     */
    public Candidates {
      Check.that(
          second > 0 && third > 0 && Float.isFinite(second) && Float.isFinite(third),
          "factors %s and %s of gamma must be positive and finite, for example 10 and 100",
          second,
          third);
      Check.that(
          least >= 0 && least <= greatest,
          "gamma between %s and %s; the least must not be negative nor above the greatest",
          least,
          greatest);
    }
  }

  /**
   * Loads the kernel.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load it
   */
  public TraceDamping(Device device) {
    damping = device.function("trace_damping", "trace_damping_f32");
  }

  /**
   * ω = sqrt((tr Q / dim Q) / (tr G / dim G)) of every layer, and for each candidate γ its dampings
   * ω γ of Q and γ / ω of G; one launch for up to 32 layers. If a trace is not positive and finite,
   * or ω not within 2⁻¹⁰⁰ and 2¹⁰⁰, ω = 1: a dead layer is damped, an unusable factor is left for
   * the factorisation to report.
   *
   * @param Q activation factors, square; only their diagonals are read
   * @param G curvature factors, square, of which only the diagonals are read; or the diagonal
   *     [1][d] of one that is diagonal
   * @param gamma device address of γ, one float
   * @param batches device address of {@link Past#INTS} ints of Q_l and as many of G_l for each
   *     layer, as {@link Past} has them: the damping of a factor without a batch is NaN; 0 (no
   *     address) for factors of which all are there
   * @param gammas device address of {@link #CANDIDATES} floats: the candidates; not γ's address
   * @param dampings device address of floats {@code [CANDIDATES][2 · layers]}: of Q_l at 2 l, of
   *     G_l at 2 l + 1
   * @param omegas device address of {@code layers} floats
   * @param traces device address of floats {@code [2 · layers]}: tr Q_l at 2 l, tr G_l at 2 l + 1;
   *     0 (no address) if nobody asks for them
   * @throws IllegalArgumentException if a factor is neither square nor a diagonal or an address is
   *     missing
   */
  public void damping(
      Stream s,
      List<Matrix> Q,
      List<Matrix> G,
      long gamma,
      Candidates candidates,
      long batches,
      long gammas,
      long dampings,
      long omegas,
      long traces) {
    Check.that(Q.size() == G.size(), "%d activation and %d curvature factors", Q.size(), G.size());
    for (int l = 0; l < Q.size(); l++) {
      Tiles.square(Q.get(l), "Q of layer " + l);
      Tiles.squareOrDiagonal(G.get(l), "G of layer " + l);
    }
    Elements.address(gamma, "gamma");
    Elements.address(gammas, "the gammas");
    Elements.address(dampings, "the dampings");
    Elements.address(omegas, "the omegas");
    Groups.launch(
        damping,
        s,
        Q.size(),
        new Layers(Q, G, gamma, candidates, batches, gammas, dampings, omegas, traces));
  }

  private record Layers(
      List<Matrix> Q,
      List<Matrix> G,
      long gamma,
      Candidates candidates,
      long batches,
      long gammas,
      long dampings,
      long omegas,
      long traces)
      implements Groups.Kernel {
    @Override
    public int bytes() {
      return 40;
    }

    @Override
    public long blocks(int l) {
      return 1;
    }

    @Override
    public void members(Launch launch, int l) {
      Matrix q = Q.get(l);
      Matrix g = G.get(l);
      launch.i32(q.rows()).i32(g.columns()).i32(q.stride());
      launch.matrix(q).matrix(g).i32(Tiles.strideOf(g));
    }

    @Override
    public void others(Launch launch, int first) {
      launch.pointer(gamma).f32(candidates.second()).f32(candidates.third());
      launch.f32(candidates.least()).f32(candidates.greatest()).i32(2 * Q.size());
      launch.pointer(batches == 0 ? 0 : batches + 8L * Past.INTS * first);
      launch.pointer(gammas).pointer(dampings + 8L * first).pointer(omegas + 4L * first);
      launch.pointer(traces == 0 ? 0 : traces + 8L * first);
    }
  }
}
