package dev.krongauss.kernel;

import dev.krongauss.device.Check;
import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Launch;
import dev.krongauss.device.Matrix;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;
import dev.krongauss.kernel.tile.Tiles;

/**
 * A step size for each layer: the minimum of a damped quadratic model in the space that the layers'
 * directions span ({@code kernels/coefficients.cu}).
 */
public final class Coefficients {
  /** Layers of one system at most. */
  public static final int MOST_LAYERS = 256;

  /** Layers of a system that needs no scratch. */
  private static final int IN_SHARED = 32;

  private final Function solve;
  private final Function decide;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public Coefficients(Device device) {
    solve = device.function("coefficients", "coefficients_f32");
    decide = device.function("coefficients", "coefficients_f32__decide");
  }

  /**
   * The quadratic model along the directions.
   *
   * @param C {@code [L][L]}, ⟨J D_i, H J D_j⟩ in its lower triangle: {@link StackedGram}
   * @param measures device address of floats {@code [3][L]}: r, q and p of {@link LayerMeasures};
   *     {@link #decide} reads its w, too
   * @param scratch device address of {@link #scratchDoubles} doubles, a multiple of 8; 0 (no
   *     address) if it is none
   */
  public record Model(Matrix C, long measures, long scratch) {
    private Launch write(Launch launch) {
      return launch
          .block(Elements.THREADS, 1, 1)
          .matrix(C)
          .i32(C.stride())
          .pointer(measures)
          .i32(C.rows());
    }
  }

  /**
   * Doubles of scratch that a system of {@code L} layers needs, 0 up to 32 layers.
   *
   * @throws IllegalArgumentException if there are no layers or more than {@link #MOST_LAYERS}
   */
  public static int scratchDoubles(int L) {
    Check.that(
        L >= 1 && L <= MOST_LAYERS,
        "coefficients of %d layers; 1 to %d are possible: let several layers share a direction, or build GaussNewton with scalarStep()",
        L,
        MOST_LAYERS);
    return L <= IN_SHARED ? 0 : L * L;
  }

  /**
   * x = −M⁻¹ r with M = A + (κ/a) diag(max(p, 0)), A = C + (λ + η) diag(q) and a = |Σ r / Σ A|; one
   * launch, in double. A layer without slope and curvature gets 0 and does not touch the others.
   *
   * @param lambda device address of λ, one float
   * @param eta η, added to λ
   * @param kappa device address of κ, one float, not negative
   * @param x device address of L floats, 0 where the system failed
   * @param common device address of two floats: the predicted change xᵀr + ½ xᵀA x, and a
   * @param failed device address of one int: 0, or the 1-based column of M that is not positive, or
   *     −1 where something is not finite
   * @throws IllegalArgumentException if C is not square or too large, or an address is missing
   */
  public void solve(
      Stream s, Model model, long lambda, float eta, long kappa, long x, long common, long failed) {
    Elements.address(lambda, "lambda");
    Elements.address(kappa, "kappa");
    Elements.address(common, "the predicted change");
    Elements.address(failed, "the failed column");
    check(model, x);
    model
        .write(solve.on(s))
        .pointer(lambda)
        .f32(eta)
        .pointer(kappa)
        .pointer(model.scratch())
        .pointer(x)
        .pointer(common)
        .pointer(failed)
        .launch();
  }

  /**
   * Traces that tell how far the factors have moved.
   *
   * @param now device address of floats {@code [2 L]}, those of this update's refresh, as {@link
   *     TraceDamping} writes them; 0 (no address) for an update without one
   * @param before device address of floats {@code [2 L]}, those of the last refresh of an accepted
   *     update, 0 before the first: {@link #decide} keeps them
   */
  public record Traces(long now, long before) {}

  /**
   * What an update is decided by.
   *
   * @param along device address of L floats, ⟨D_l, g_l⟩ of the directions before with the new
   *     gradient: what κ follows
   * @param x device address of L floats, those of the update before; 0 afterwards where the system
   *     failed
   * @param scalars address of the scalar block; the loss and what {@link ControlLayers#begin}
   *     writes are there
   * @param ladder rungs in the order they were tried in; one behind the first that succeeded is not
   *     looked at
   * @param traces of the factors
   * @param rules of which {@code rescaling} and {@code momentum} do not count here
   */
  public record Decision(
      Model model,
      long along,
      long x,
      long scalars,
      Control.Dampings ladder,
      Traces traces,
      Control.Rules rules) {
    /** Bytes of the kernels' struct: eight pointers, seven numbers. */
    private static final int BYTES = 96;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if C is not square or too large, or an address is missing
     */
    public Decision {
      Elements.address(along, "the products with the directions before");
      Elements.address(scalars, "the scalar block");
      Elements.address(ladder.infos(), "the infos");
      Elements.address(ladder.gammas(), "the gammas");
      Elements.address(traces.before(), "the traces before");
      check(model, x);
    }

    Launch write(Launch launch) {
      launch.struct(BYTES).pointer(model.scratch()).pointer(along).pointer(x).pointer(scalars);
      launch.pointer(ladder.infos()).pointer(ladder.gammas());
      launch.pointer(traces.now()).pointer(traces.before());
      launch.i32(ladder.dampings()).i32(ladder.factors());
      launch.f32(rules.eta()).f32(rules.growth()).f32(rules.greatest());
      return launch.i32(rules.adaptLambda() ? 1 : 0).i32(rules.adaptGamma() ? 1 : 0).end();
    }
  }

  /**
   * The same with λ and κ of the scalar block, κ as it follows the agreement of the last steps with
   * the next batches' gradients, and the decision on the update there: the slots of {@link Control}
   * from NORM2 = Σ w, SLOPE = Σ r, DIRECTION2 = Σ q, CURVATURE = Σ C, PREDICTED and ALPHA =
   * COMMON_STEP = a to the reasons against it. A rejected update raises an adapted λ, and an
   * adapted γ with it, as in {@link Control#rescale}. An update that refreshed the factors says
   * when they are refreshed next: {@link Control#NEXT_REFRESH}, {@link Control#REFRESH_EVERY}
   * updates later, which follow the drift of the traces.
   */
  public void decide(Stream s, Decision decision) {
    decision.write(decision.model().write(decide.on(s))).launch();
  }

  private static void check(Model model, long x) {
    int doubles = scratchDoubles(Tiles.square(model.C(), "C"));
    Check.that(
        doubles == 0 || (model.scratch() != 0 && model.scratch() % 8 == 0),
        "device address 0x%x of %d doubles of scratch is null or not a multiple of 8",
        model.scratch(),
        doubles);
    Elements.address(model.measures(), "the measures");
    Elements.address(x, "the coefficients");
  }
}
