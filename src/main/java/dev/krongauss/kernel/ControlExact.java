package dev.krongauss.kernel;

import dev.krongauss.device.Device;
import dev.krongauss.device.Function;
import dev.krongauss.device.Stream;
import dev.krongauss.kernel.group.Elements;

/**
 * The scalar decisions of an exact Gauss-Newton update ({@code kernels/control_exact.cu}). The
 * scalar block is that of {@link Control}; the slots here are of this optimiser alone, which has no
 * momentum.
 */
public final class ControlExact {
  /** int: the test by which an update found itself converged, 0 if none. */
  public static final int CONVERGED = 30;

  /** int: updates in a row whose predicted change was within the rounding of the objective. */
  public static final int NEAR = 31;

  /** int: 1 if the weights are to be those before the step. */
  public static final int TAKEN_BACK = Control.CHOICE;

  /** μ of the system. */
  public static final int DAMPING = Control.MIXED;

  /** 2 ‖a‖ / ‖Δ‖, a the acceleration along Δ; NaN where it was not asked for. */
  public static final int BENDING = Control.MIXED + 1;

  /** Squared error of the step in the norm of the damped matrix, absolute. */
  public static final int ERROR2 = Control.MIXED + 2;

  /** ‖g‖². */
  public static final int GRADIENT2 = Control.MIXED + 3;

  /** Factor of λ at the next rejection. */
  public static final int GROWTH = Control.MIXED + 4;

  /** Relative error of the step in the norm of the damped matrix. */
  public static final int SOLVE_ERROR = Control.MIXED + 5;

  /** Δᵀ diag(C + ηI) Δ, with Marquardt's damping. */
  public static final int SCALED2 = Control.MIXED + 6;

  /** ⟨Δ, g⟩ with the gradient after the step. */
  public static final int NEW_SLOPE = Control.MIXED + 7;

  /** ½, the weight of the acceleration. */
  public static final int BEND = 43;

  /** ‖a‖². */
  public static final int BEND2 = 44;

  /** int: 1 if the acceleration is added. */
  public static final int BENT = 45;

  /** μ over the damping that the inverse was formed with. */
  public static final int TRUST = 46;

  /** Dampings of the ladder. */
  public static final int RUNGS = 3;

  /** {@link #CONVERGED}: ‖g‖ is small. */
  public static final int BY_GRADIENT = 1;

  /** {@link #CONVERGED}: the step is small. */
  public static final int BY_STEP = 2;

  /** {@link #CONVERGED}: the objective would change by little, or by less than its rounding. */
  public static final int BY_OBJECTIVE = 3;

  /** Bit of {@link Control#REASON}: the objective rose, and the step was taken back. */
  public static final int REASON_ROSE = 16;

  /** Bit of {@link Control#REASON}: the matrix was not positive definite on any rung. */
  public static final int REASON_MATRIX = 32;

  private final Function damp;
  private final Function rung;
  private final Function decide;
  private final Function bend;
  private final Function judge;

  /**
   * Loads the kernels.
   *
   * @throws dev.krongauss.device.DeviceException if the device cannot load them
   */
  public ControlExact(Device device) {
    damp = device.function("control_exact", "control_exact_damp");
    rung = device.function("control_exact", "control_exact_rung");
    decide = device.function("control_exact", "control_exact_decide");
    bend = device.function("control_exact", "control_exact_bend");
    judge = device.function("control_exact", "control_exact_judge");
  }

  /**
   * Counts the update and writes the dampings (λ + η) (1, 10, 100).
   *
   * @param eta 0 with Marquardt's damping, whose matrix has it
   * @param dampings device address of {@link #RUNGS} floats
   */
  public void damp(Stream s, long scalars, long dampings, float eta) {
    addresses(scalars, dampings, "the dampings");
    damp.on(s).pointer(scalars).pointer(dampings).f32(eta).launch();
  }

  /**
   * Writes the first rung that held, {@link #DAMPING} and {@link #TRUST}.
   *
   * @param infos device address of {@link #RUNGS} ints: 0, or the column that failed
   * @param dampings of {@link #damp}
   * @param preconditions whether the inverse only preconditions: μ is the first damping then, else
   *     that of the rung
   */
  public void rung(Stream s, long scalars, long infos, long dampings, boolean preconditions) {
    addresses(scalars, dampings, "the dampings");
    Elements.address(infos, "the infos");
    rung.on(s)
        .pointer(scalars)
        .pointer(infos)
        .pointer(dampings)
        .i32(preconditions ? 1 : 0)
        .launch();
  }

  /**
   * Tolerances of convergence.
   *
   * @param gradient of ‖g‖
   * @param step of ‖Δ‖, relative to ‖θ‖ + step
   * @param objective of the predicted change, relative to the objective
   */
  public record Tolerances(float gradient, float step, float objective) {}

  /**
   * Whether the step is tried: the predicted change, the solve's error, convergence.
   *
   * @param marquardt whether {@link #SCALED2} is what λ damps
   * @param greatest bound of λ
   */
  public void decide(
      Stream s, long scalars, float eta, boolean marquardt, Tolerances tolerances, float greatest) {
    Elements.address(scalars, "the scalar block");
    decide
        .on(s)
        .pointer(scalars)
        .f32(eta)
        .i32(marquardt ? 1 : 0)
        .f32(tolerances.gradient())
        .f32(tolerances.step())
        .f32(tolerances.objective())
        .f32(greatest)
        .launch();
  }

  /**
   * Whether the acceleration is added, where {@link Control#ACCEPTED}.
   *
   * @param ended device address of an int, {@link Conjugate#BROKEN} if it could not be solved for
   */
  public void bend(Stream s, long scalars, long ended) {
    addresses(scalars, ended, "the end of the iteration");
    bend.on(s).pointer(scalars).pointer(ended).launch();
  }

  /** Whether the step stays: the reduction ratio, and λ by Nielsen's rule within its bounds. */
  public void judge(Stream s, long scalars, float eta, float least, float greatest) {
    Elements.address(scalars, "the scalar block");
    judge.on(s).pointer(scalars).f32(eta).f32(least).f32(greatest).launch();
  }

  private static void addresses(long scalars, long other, String name) {
    Elements.address(scalars, "the scalar block");
    Elements.address(other, name);
  }
}
